import { z } from 'zod';
import { Unreadable } from './failures.ts';
import { type Job, jobSchema } from './jobs.ts';

/** Something that happened to an object of a bucket. */
export interface ObjectEvent {
  readonly kind: 'created' | 'removed';
  readonly bucket: string;
  /** What the key may be, in the bucket: more than one where the sender leaves open whether it encoded it. */
  readonly keys: readonly string[];
  /** Orders the events of one key: hexadecimal, to be compared as text after padding on the right. */
  readonly sequencer: string | undefined;
}

export type QueueMessage =
  | { readonly type: 'events'; readonly events: readonly ObjectEvent[] }
  | { readonly type: 'job'; readonly job: Job };

const record = z.object({
  eventVersion: z.string().regex(/^2\.\d+$/, 'expected a version 2.x'),
  eventSource: z.enum(['aws:s3', 'ceph:s3']),
  eventName: z.string(),
  s3: z.object({
    bucket: z.object({ name: z.string() }),
    object: z.object({
      key: z.string().min(1),
      sequencer: z
        .string()
        .regex(/^[0-9a-f]*$/i)
        .optional(),
    }),
  }),
});

const notification = z.object({ Records: z.array(record) });
/** What S3 sends once when a queue is connected. */
const testEvent = z.object({ Event: z.literal('s3:TestEvent') });
/** A topic between the bucket and the queue wraps the notification. */
const envelope = z.object({ Type: z.literal('Notification'), Message: z.string() });

/** Reads the body of a message. Throws `Unreadable` for what is neither S3's nor ours. */
export function readMessage(body: string): QueueMessage {
  const content = parseJson(body);
  const job = jobSchema.safeParse(content);
  if (job.success) return { type: 'job', job: job.data };
  return { type: 'events', events: readNotification(content) };
}

function readNotification(content: unknown): readonly ObjectEvent[] {
  if (testEvent.safeParse(content).success) return [];
  const wrapped = envelope.safeParse(content);
  if (wrapped.success) return readNotification(parseJson(wrapped.data.Message));
  const parsed = notification.safeParse(content);
  if (!parsed.success) {
    throw new Unreadable('The message is no S3 notification of version 2 and no job of ours.', { cause: parsed.error });
  }
  return parsed.data.Records.flatMap((each) => toEvent(each) ?? []);
}

/** Undefined for what changes no bytes: tags, access lists, replication. */
function toEvent({ eventSource, eventName, s3 }: z.infer<typeof record>): ObjectEvent | undefined {
  const kind = kindOf(eventName.replace(/^s3:/, ''));
  if (kind === undefined) return undefined;
  const { key, sequencer } = s3.object;
  return {
    kind,
    bucket: s3.bucket.name,
    keys: keysOf(key, eventSource),
    // Ceph's is the memory of a clock, least significant byte first: comparing it would drop later events.
    sequencer: eventSource === 'ceph:s3' ? undefined : sequencer,
  };
}

function kindOf(eventName: string): ObjectEvent['kind'] | undefined {
  if (eventName.startsWith('ObjectCreated:') || eventName === 'ObjectRestore:Completed') return 'created';
  if (eventName.startsWith('ObjectRemoved:') || eventName.startsWith('LifecycleExpiration:')) return 'removed';
  return undefined;
}

/** AWS form-encodes keys; Ceph sends some of them raw, depending on its release. */
function keysOf(key: string, eventSource: 'aws:s3' | 'ceph:s3'): readonly string[] {
  const decoded = decodeForm(key);
  if (eventSource === 'ceph:s3') return decoded === undefined ? [key] : [...new Set([key, decoded])];
  if (decoded === undefined) throw new Unreadable('The key of a notification is not form-encoded.');
  return [decoded];
}

function decodeForm(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Unreadable('The message is not JSON.', { cause: error });
  }
}
