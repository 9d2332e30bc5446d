/** A key as S3 writes it into a notification. */
export function formEncoded(key: string): string {
  return encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/');
}

export interface EventFacts {
  readonly kind: 'created' | 'removed';
  readonly key: string;
  readonly sequencer?: string;
  readonly bucket?: string;
}

const eventNames = { created: 'ObjectCreated:Put', removed: 'ObjectRemoved:Delete' };

/** One record of a notification, as S3 sends it. */
export function s3Record({ kind, key, sequencer, bucket = 'pictures' }: EventFacts) {
  return {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: 'us-east-1',
    eventTime: '2026-11-21T00:00:00.000Z',
    eventName: eventNames[kind],
    s3: {
      s3SchemaVersion: '1.0',
      bucket: { name: bucket, arn: `arn:aws:s3:::${bucket}` },
      object: { key: formEncoded(key), size: 3, eTag: 'e', ...(sequencer === undefined ? {} : { sequencer }) },
    },
  };
}

/** The body of a message about some events. */
export function s3Notification(...events: readonly EventFacts[]): string {
  return JSON.stringify({ Records: events.map(s3Record) });
}
