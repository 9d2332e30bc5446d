import type { Exposure, OperatorSettings } from '../cli/index.ts';
import type { Config } from '../config/index.ts';
import type { Settings } from './settings.ts';
import { proxyOf } from './stores.ts';

/** What commands are told of the configuration. */
export function operatorSettingsOf(config: Config, settings: Settings): OperatorSettings {
  const { grammar, policy, admin, reach, slots } = settings;
  return {
    grammar,
    signingSecrets: policy.signingSecrets,
    dialectSecrets: secretLengths(config),
    oldHost: config.file.oldHost,
    signatureLength: policy.signatureLength,
    warm: config.file.warm,
    publicUrl: reach.url,
    maxInputBytes: config.maxInputBytes,
    concurrency: slots,
    proxy: proxyOf(config),
    exposure: exposureOf(config, settings),
    // A bucket's own addresses are signed with its credentials, ours with what the admin token makes.
    presignsUploads: config.originals.startsWith('s3://') || admin.origin === 'given',
  };
}

function secretLengths({ file }: Config): OperatorSettings['dialectSecrets'] {
  return Object.entries(file.dialectSecrets).flatMap(([dialect, secrets = []]) =>
    secrets.flatMap(({ key }) =>
      key === undefined ? [] : [{ dialect, bytes: Buffer.from(key, dialect === 'imgproxy' ? 'hex' : 'utf8').length }],
    ),
  );
}

/** What the outside may reach. */
function exposureOf(
  { file, isReached, trustedProxies, ticketSecrets }: Config,
  { policy, isOpen, admin, reach }: Settings,
): Exposure {
  return {
    isLoopback: reach.isLoopback,
    isReached,
    reachedAt: reach.at,
    unsigned: policy.unsigned,
    unsignedForwarded: policy.unsignedForwarded,
    protected: policy.protected,
    isOriginalOpen: isOpen,
    ladderWidths: policy.ladder.widths.length,
    presets: Object.keys(file.presets).length,
    maxVariantsPerOriginal: file.maxVariantsPerOriginal,
    otherOriginals: file.otherOriginals,
    sendsSvg: file.sendSvg,
    adminToken: admin.origin,
    issuers: ticketSecrets.length + file.ticketKeys.length,
    trustedProxies,
    unsignedPresets: file.cloudinaryApi && Object.keys(file.cloudinaryApi.unsignedPresets),
  };
}
