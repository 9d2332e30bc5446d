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

/** Who may send a record of a notification. */
const eventSources = ['aws:s3', 'minio:s3', 'ceph:s3'] as const;
type EventSource = (typeof eventSources)[number];

/** What of every record is read: of a bucket's own events MinIO names no object. */
const record = z.object({
  eventVersion: z.string().regex(/^2\.\d+$/, 'expected a version 2.x'),
  eventSource: z.enum(eventSources),
  eventName: z.string(),
  s3: z.unknown(),
});

const sequencer = z.string().regex(/^[0-9a-f]*$/i);
const bucket = z.object({ name: z.string() });
const object = z.object({ key: z.string().min(1), sequencer: sequencer.optional() });

/** What a record tells whose event changes bytes. */
const subject = z.object({ bucket, object });

const notification = z.object({ Records: z.array(record) });
/** What S3 sends once when a queue is connected. */
const testEvent = z.object({ Event: z.literal('s3:TestEvent') });
/** A topic between the bucket and the queue wraps the notification. */
const envelope = z.object({ Type: z.literal('Notification'), Message: z.string() });
/** What comes by way of EventBridge: one event, of S3 or of whatever else the rule lets through. */
const busEvent = z.object({ source: z.string(), 'detail-type': z.string(), detail: z.unknown() });

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
  const ofBus = busEvent.safeParse(content);
  if (ofBus.success) return readBusEvent(ofBus.data);
  return understood(notification, content).Records.flatMap((each) => readRecord(each) ?? []);
}

/** Undefined for what changes no bytes: tags, access lists, replication, a bucket's own events. */
function readRecord({ eventSource, eventName, s3 }: z.infer<typeof record>): ObjectEvent | undefined {
  const kind = kindOf(eventName.replace(/^s3:/, ''));
  return kind && objectEvent(kind, eventSource, understood(subject, s3));
}

/** The event of a bus, or none: of another service, or one that changes no bytes. */
function readBusEvent({ source, 'detail-type': type, detail }: z.infer<typeof busEvent>): readonly ObjectEvent[] {
  const kind = source === 'aws.s3' ? busKinds.get(type) : undefined;
  return kind === undefined ? [] : [objectEvent(kind, 'bus', understood(subject, detail))];
}

function objectEvent(
  kind: ObjectEvent['kind'],
  sender: EventSource | 'bus',
  { bucket, object }: z.infer<typeof subject>,
): ObjectEvent {
  return {
    kind,
    bucket: bucket.name,
    keys: keysOf(object.key, sender),
    // Ceph's is the memory of a clock, least significant byte first: comparing it would drop later events.
    sequencer: sender === 'ceph:s3' ? undefined : object.sequencer,
  };
}

function understood<Read>(schema: z.ZodType<Read>, content: unknown): Read {
  const parsed = schema.safeParse(content);
  if (parsed.success) return parsed.data;
  throw new Unreadable(
    'The message is no S3 notification of version 2, no event of S3 by EventBridge and no job of ours.',
    {
      cause: parsed.error,
    },
  );
}

/** Of EventBridge's events those that change what a key holds; the others tell of tags, access and storage classes. */
const busKinds: ReadonlyMap<string, ObjectEvent['kind']> = new Map([
  ['Object Created', 'created'],
  ['Object Restore Completed', 'created'],
  ['Object Deleted', 'removed'],
]);

function kindOf(eventName: string): ObjectEvent['kind'] | undefined {
  if (eventName.startsWith('ObjectCreated:') || eventName === 'ObjectRestore:Completed') return 'created';
  if (eventName.startsWith('ObjectRemoved:') || eventName.startsWith('LifecycleExpiration:')) return 'removed';
  return undefined;
}

/**
 * AWS and MinIO form-encode keys in notifications; Ceph sends some of them raw, depending on its release, and of
 * EventBridge's the documentation does not say.
 */
function keysOf(key: string, sender: EventSource | 'bus'): readonly string[] {
  const decoded = decodeForm(key);
  if (sender === 'ceph:s3' || sender === 'bus') return decoded === undefined ? [key] : [...new Set([key, decoded])];
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
