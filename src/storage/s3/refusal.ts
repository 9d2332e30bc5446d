import { StoreRefusal } from '../refusal.ts';
import { factsOf, type S3ErrorFacts } from './facts.ts';

const permissions = 's3:GetObject, s3:PutObject, s3:DeleteObject on what is in it and s3:ListBucket on the bucket';
const keys = 'check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or whatever else gives the credentials';
const renewal = 'get new credentials: their session has run out';
const address = 'check FOVEA_S3_ENDPOINT, the region, and that this machine reaches it';
const region = 'set AWS_REGION to the region of the bucket';

/** By the code of S3's answer, or of what kept it from answering. */
const remedies: ReadonlyMap<string, string> = new Map([
  ['AccessDenied', `allow the credentials ${permissions}`],
  ['AllAccessDisabled', 'ask the owner of the bucket: nobody is let in'],
  ['InvalidAccessKeyId', keys],
  ['SignatureDoesNotMatch', keys],
  ['CredentialsProviderError', `give credentials: ${keys}`],
  ['ExpiredToken', renewal],
  ['ExpiredTokenException', renewal],
  ['InvalidToken', renewal],
  ['TokenRefreshRequired', renewal],
  ['RequestTimeTooSkewed', 'let NTP set this machine’s clock'],
  ['NoSuchBucket', 'make the bucket, or correct its name'],
  ['PermanentRedirect', region],
  ['TemporaryRedirect', region],
  ['AuthorizationHeaderMalformed', region],
  ['IllegalLocationConstraintException', region],
  ['ECONNREFUSED', address],
  ['ENOTFOUND', address],
  ['EAI_AGAIN', address],
  ['EHOSTUNREACH', address],
  ['ENETUNREACH', address],
  ['TimeoutError', address],
]);

/** Where no code came: the answer to a HEAD has no body to say it in. */
const remediesByStatus: ReadonlyMap<number, string> = new Map([
  [301, region],
  [403, `${keys}, and allow them ${permissions}`],
]);

/** Status, code, request id and words of a refusal, as one line. */
export function s3Refusal(error: unknown): StoreRefusal {
  const facts = factsOf(error);
  const { status, requestId } = facts;
  const asked = requestId === undefined ? '' : `, request ${requestId}`;
  const what = status === undefined ? reasonWithoutAnswer(facts) : `${status} ${codeOrNone(facts)}${asked}`;
  const where = facts.region === undefined || !isMisdirected(facts) ? '' : `; the bucket is in ${facts.region}`;
  const words = facts.message === undefined ? '' : `: ${facts.message}`;
  return new StoreRefusal(`${what}${where}${words}`, remedyFor(facts), error);
}

/** The same for a code that came for one key in an otherwise good answer. */
export function s3CodeRefusal(code: string | undefined): StoreRefusal {
  const facts = { ...factsOf(undefined), code };
  return new StoreRefusal(codeOrNone(facts), remedyFor(facts));
}

function remedyFor({ code = '', status = 0, name = '', ...facts }: S3ErrorFacts): string | undefined {
  const remedy = remedies.get(code) ?? remedies.get(name) ?? remediesByStatus.get(status);
  return remedy === region && facts.region !== undefined ? `set AWS_REGION=${facts.region}` : remedy;
}

/** True where the bucket is in another region than was asked. */
export function isMisdirected({ code = '', status = 0 }: S3ErrorFacts): boolean {
  return status === 301 || remedies.get(code) === region;
}

function codeOrNone({ code }: S3ErrorFacts): string {
  return code ?? 'without a code (the answer to a HEAD has no body)';
}

function reasonWithoutAnswer({ name = 'Error', code }: S3ErrorFacts): string {
  return code === undefined ? name : `${name} ${code}`;
}
