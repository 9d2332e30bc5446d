import { createHmac, randomBytes } from 'node:crypto';
import type { Config } from '../config.ts';
import { createDeclared, type GrammarOptions, type IsDeclared } from '../grammar/index.ts';
import type { AddressOptions } from '../uploads/index.ts';

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

/** Given, or made here for a loopback listener; undefined when there is no admin API. */
export function adminTokenOf(config: Config): string | undefined {
  if (config.adminToken !== undefined) return config.adminToken;
  return isLoopback(config.host) ? randomBytes(24).toString('base64url') : undefined;
}

/** What signs upload addresses: every instance with the same admin token accepts those of the others. */
export function uploadSecretOf(adminToken: string | undefined): string {
  if (adminToken === undefined) return randomBytes(32).toString('base64url');
  return createHmac('sha256', adminToken).update('upload addresses').digest('base64url');
}

/** What decides which addresses an original is told to have. */
export function addressOptionsOf(config: Config): AddressOptions {
  const { unsigned, signingSecrets, file } = config;
  return { unsigned, signingSecrets, ladder: file.ladder.widths, grammar: grammarOf(config) };
}

/** Which variants the configuration itself names. */
export function declaredBy(config: Config): IsDeclared {
  const { warm, ladder } = config.file;
  return createDeclared({ grammar: grammarOf(config), warm, widths: ladder.widths });
}

/** The URL language as it is configured. */
export function grammarOf({ file }: Config): GrammarOptions {
  const { accountNames, aliases, defaultCrop, extensions, fetchHosts, presets, spellings } = file;
  return { accountNames, aliases, defaultCrop, extensions, fetchHosts, presets, spellings };
}
