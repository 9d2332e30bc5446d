import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Failure, failureKinds } from '../../src/failure.ts';
import { handleMessage, type MessageWork } from '../../src/queue/message-handler.ts';
import { compareSequencers, createEventOrder } from '../../src/queue/order.ts';
import type { LaterEdgePurge } from '../../src/variants/index.ts';
import { formEncoded, s3Notification, s3Record } from '../support/s3-events.ts';
import { createRecordingTelemetry } from '../support/test-service.ts';

const signal = new AbortController().signal;
const result = { originals: 1, variantsDeleted: 0, memoryEvicted: 0, edge: [] };

/** A handler whose variants only write down what is done to them, and fail when told to. */
function house(parts: Partial<MessageWork> = {}) {
  const done: string[] = [];
  const references: string[] = [];
  const postponed: LaterEdgePurge[] = [];
  let failure: Error | undefined;
  const telemetry = createRecordingTelemetry();
  const act = async (what: string, reference?: string) => {
    if (failure !== undefined) throw failure;
    done.push(what);
    if (reference !== undefined) references.push(reference);
  };
  const work: MessageWork = {
    variants: {
      purge: async ({ keys = [], prefixes = [], tags = [], urls = [] }, { reference }) => {
        await act(`purge ${[...keys, ...prefixes, ...tags, ...urls].join(' ')}`, reference);
        return result;
      },
      purgeIfKnown: async (key, { reference }) => {
        await act(`purge stale ${key}`, reference);
        return undefined;
      },
      warm: async (key) => {
        await act(`warm ${key}`);
        return { rendered: 0, present: 0, isAbsent: false };
      },
    },
    edge: { repeat: async ({ tags }) => act(`edge ${tags.join(' ')}`) },
    postpone: async (later) => void postponed.push(later),
    order: createEventOrder(),
    originals: [{ bucket: 'pictures', prefix: '', keys: '' }],
    toWarm: () => [],
    telemetry,
    now: () => 1_000_000,
    ...parts,
  };
  let id = 0;
  return {
    done,
    references,
    postponed,
    telemetry,
    failWith: (error: Error | undefined) => {
      failure = error;
    },
    tell: (body: string) => handleMessage(work, { id: `message ${++id}`, body }, signal),
  };
}

describe('a notification', () => {
  it('of a creation purges what an overwrite made stale, then warms', async () => {
    const { tell, done } = house();
    expect(await tell(s3Notification({ kind: 'created', key: 'a/cat.jpg' }))).toBe('done');
    expect(done).toEqual(['purge stale a/cat.jpg', 'warm a/cat.jpg']);
  });

  it('of a removal purges', async () => {
    const { tell, done } = house();
    expect(await tell(s3Notification({ kind: 'removed', key: 'cat.jpg' }))).toBe('done');
    expect(done).toEqual(['purge cat.jpg']);
  });

  it('of another store of originals counts under what its keys begin with here', async () => {
    const places = [
      { bucket: 'shop', prefix: 'in/', keys: 'shop/' },
      { bucket: 'pictures', prefix: '', keys: '' },
    ];
    const { tell, done } = house({ originals: places });
    await tell(s3Notification({ kind: 'removed', key: 'in/cat.jpg', bucket: 'shop' }));
    await tell(s3Notification({ kind: 'removed', key: 'in/cat.jpg' }));
    await tell(s3Notification({ kind: 'removed', key: 'cat.jpg', bucket: 'shop' }));
    expect(done).toEqual(['purge shop/cat.jpg', 'purge in/cat.jpg']);
  });

  it.each(['a b.jpg', 'a+b.jpg', '100%.jpg', '100%2F.jpg', 'ü/日本.jpg', 'a&b=c.jpg', '"quoted" (1).jpg'])(
    'names the key %j form-encoded',
    async (key) => {
      const { tell, done } = house();
      await tell(s3Notification({ kind: 'removed', key }));
      expect(done).toEqual([`purge ${key}`]);
    },
  );

  it('names any key form-encoded', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }), async (text) => {
        const key = `x${text}x`;
        const { tell, done } = house();
        await tell(s3Notification({ kind: 'removed', key }));
        expect(done).toEqual(key.includes('/.fovea/') ? [] : [`purge ${key}`]);
      }),
    );
  });

  it('of Ceph may name its key either way', async () => {
    const record = { ...s3Record({ kind: 'removed', key: 'x' }), eventSource: 'ceph:s3', eventVersion: '2.2' };
    const tellOf = async (key: string) => {
      const { tell, done } = house();
      const s3 = { ...record.s3, object: { key } };
      await tell(JSON.stringify({ Records: [{ ...record, s3, eventName: 's3:ObjectRemoved:Delete' }] }));
      return done;
    };
    expect(await tellOf('a+b.jpg')).toEqual(['purge a+b.jpg', 'purge a b.jpg']);
    expect(await tellOf('100%.jpg')).toEqual(['purge 100%.jpg']);
    expect(await tellOf('cat.jpg')).toEqual(['purge cat.jpg']);
  });

  it('counts under the prefix of the originals only, and without it', async () => {
    const { tell, done } = house({ originals: [{ bucket: 'pictures', prefix: 'in/', keys: '' }] });
    for (const key of ['in/cat.jpg', 'out/cat.jpg', 'in/', 'in/folder/', 'in', 'inn/cat.jpg']) {
      expect(await tell(s3Notification({ kind: 'removed', key }))).toBe('done');
    }
    await tell(s3Notification({ kind: 'removed', key: 'in/dog.jpg', bucket: 'elsewhere' }));
    expect(done).toEqual(['purge cat.jpg']);
  });

  it.each(['cat.jpg/.fovea/c_fill,w_1', '.fovea/staging/1.jpg', '.fovea-tmp/1'])(
    'of %j, which is ours and no original, is ignored',
    async (key) => {
      const { tell, done } = house();
      expect(await tell(s3Notification({ kind: 'created', key }))).toBe('done');
      expect(done).toEqual([]);
    },
  );

  it.each(['ObjectTagging:Put', 'ObjectAcl:Put', 'Replication:OperationMissedThreshold'])(
    'of %s, which changes no bytes, is ignored',
    async (eventName) => {
      const { tell, done } = house();
      const record = { ...s3Record({ kind: 'created', key: 'cat.jpg' }), eventName };
      expect(await tell(JSON.stringify({ Records: [record] }))).toBe('done');
      expect(done).toEqual([]);
    },
  );

  it.each([
    'LifecycleExpiration:Delete',
    'LifecycleExpiration:DeleteMarkerCreated',
    'ObjectRemoved:DeleteMarkerCreated',
  ])('of %s is a removal', async (eventName) => {
    const { tell, done } = house();
    const record = { ...s3Record({ kind: 'created', key: 'cat.jpg' }), eventName };
    await tell(JSON.stringify({ Records: [record] }));
    expect(done).toEqual(['purge cat.jpg']);
  });

  it('may come through a topic', async () => {
    const { tell, done } = house();
    const Message = s3Notification({ kind: 'removed', key: 'cat.jpg' });
    await tell(JSON.stringify({ Type: 'Notification', MessageId: '1', TopicArn: 'a', Message }));
    expect(done).toEqual(['purge cat.jpg']);
  });

  it('of a test says that the bucket is connected, and nothing else', async () => {
    const { tell, done } = house();
    const test = { Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'pictures', RequestId: '1', HostId: '2' };
    expect(await tell(JSON.stringify(test))).toBe('done');
    expect(done).toEqual([]);
  });

  /** One event as EventBridge sends it. */
  function busEvent(type: string, key: string, parts: object = {}): string {
    const object = { key, size: 5, etag: 'e', 'version-id': 'v', sequencer: '00617F08299329D189' };
    const detail = { version: '0', bucket: { name: 'pictures' }, object, reason: 'PutObject', ...parts };
    return JSON.stringify({ version: '0', id: '1', 'detail-type': type, source: 'aws.s3', region: 'x', detail });
  }

  it('may come by EventBridge, whose keys may be encoded or not', async () => {
    const { tell, done } = house();
    expect(await tell(busEvent('Object Created', 'a/cat.jpg'))).toBe('done');
    expect(await tell(busEvent('Object Deleted', 'dog.jpg', { 'deletion-type': 'Delete Marker Created' }))).toBe(
      'done',
    );
    expect(await tell(busEvent('Object Restore Completed', 'old.jpg'))).toBe('done');
    expect(await tell(busEvent('Object Deleted', 'a+b%.jpg'))).toBe('done');
    expect(await tell(busEvent('Object Deleted', 'a+b.jpg'))).toBe('done');
    const deleted = ['purge a+b%.jpg', 'purge a+b.jpg', 'purge a b.jpg'];
    const created = ['purge stale a/cat.jpg', 'warm a/cat.jpg'];
    expect(done).toEqual([...created, 'purge dog.jpg', 'purge stale old.jpg', 'warm old.jpg', ...deleted]);
    // Delivered again: its sequencer tells.
    await tell(busEvent('Object Created', 'a/cat.jpg'));
    expect(done).toHaveLength(8);
    const Message = busEvent('Object Deleted', 'through-a-topic.jpg');
    await tell(JSON.stringify({ Type: 'Notification', MessageId: '1', TopicArn: 'a', Message }));
    expect(done.at(-1)).toBe('purge through-a-topic.jpg');
  });

  it('may be MinIO’s, with its outer key, its source and its form of keys', async () => {
    const { tell, done } = house();
    const record = { ...s3Record({ kind: 'removed', key: 'x' }), eventSource: 'minio:s3', eventVersion: '2.0' };
    const tellOf = (eventName: string, key: string, sequencer: string) => {
      const s3 = { ...record.s3, object: { key, sequencer, userMetadata: { 'content-type': 'image/jpeg' } } };
      const Records = [{ ...record, eventName, s3, source: { host: '127.0.0.1', port: '', userAgent: 'MinIO' } }];
      return tell(JSON.stringify({ EventName: eventName, Key: `pictures/${key}`, Records }));
    };
    expect(await tellOf('s3:ObjectRemoved:Delete', '2026%2Fa+b%2Bc.jpg', '17A2B3C4D5E6F701')).toBe('done');
    expect(await tellOf('s3:ObjectCreated:Put', '2026%2Fa+b%2Bc.jpg', '17A2B3C4D5E6F700')).toBe('done');
    expect(await tellOf('s3:ObjectCreated:CompleteMultipartUpload', 'd.jpg', '17A2B3C4D5E6F702')).toBe('done');
    expect(done).toEqual(['purge 2026/a b+c.jpg', 'purge stale d.jpg', 'warm d.jpg']);
  });

  it.each([
    ['an object that is being restored', busEvent('Object Restore Initiated', 'cat.jpg')],
    ['a restored copy that has expired', busEvent('Object Restore Expired', 'cat.jpg')],
    ['tags, by EventBridge', busEvent('Object Tags Added', 'cat.jpg')],
    ['another storage class', busEvent('Object Storage Class Changed', 'cat.jpg')],
    ['another bucket, by EventBridge', busEvent('Object Deleted', 'cat.jpg', { bucket: { name: 'elsewhere' } })],
    [
      'another service on the same bus',
      JSON.stringify({ source: 'aws.ec2', 'detail-type': 'EC2 Instance State-change Notification', detail: {} }),
    ],
    [
      'a restore',
      JSON.stringify({ Records: [{ ...s3Record({ kind: 'created', key: 'a' }), eventName: 'ObjectRestore:Post' }] }),
    ],
    [
      'a bucket itself, which names no object',
      JSON.stringify({
        EventName: 's3:BucketCreated:*',
        Records: [
          {
            eventVersion: '2.0',
            eventSource: 'minio:s3',
            eventName: 's3:BucketCreated:*',
            s3: { bucket: { name: 'pictures' }, object: { key: '', sequencer: '1' } },
          },
        ],
      }),
    ],
    ['nothing at all', JSON.stringify({ Records: [] })],
  ])('of %s is understood and comes to nothing', async (_, body) => {
    const { tell, done, telemetry } = house();
    expect(await tell(body)).toBe('done');
    expect(done).toEqual([]);
    expect(telemetry.events).toContainEqual(expect.objectContaining({ type: 'message', outcome: 'done' }));
  });

  it.each([
    'not JSON',
    '{}',
    '[]',
    '{"Records": "none"}',
    '{"fovea": "unknown"}',
    JSON.stringify({ Records: [{ ...s3Record({ kind: 'created', key: 'a' }), eventVersion: '3.0' }] }),
    JSON.stringify({ Records: [{ ...s3Record({ kind: 'created', key: 'a' }), eventSource: 'other:s3' }] }),
    s3Notification({ kind: 'created', key: 'a' }).replace('"a"', '"%zz"'),
    busEvent('Object Created', ''),
  ])('that cannot be read is left for the dead-letter queue: %s', async (body) => {
    const { tell, done, telemetry } = house();
    expect(await tell(body)).toBe('retry');
    expect(done).toEqual([]);
    expect(telemetry.events).toContainEqual(expect.objectContaining({ type: 'message', outcome: 'unreadable' }));
  });
});

describe('the order of events', () => {
  it('is the sequencer’s, not that of their arrival', async () => {
    const { tell, done } = house();
    await tell(s3Notification({ kind: 'removed', key: 'cat.jpg', sequencer: '0055AED6DCD90281E6' }));
    await tell(s3Notification({ kind: 'created', key: 'cat.jpg', sequencer: '0055AED6DCD90281E5' }));
    await tell(s3Notification({ kind: 'created', key: 'dog.jpg', sequencer: '01' }));
    await tell(s3Notification({ kind: 'removed', key: 'cat.jpg', sequencer: '0055AED6DCD90281E6' }));
    await tell(s3Notification({ kind: 'created', key: 'cat.jpg', sequencer: '0055AED6DCD90281E601' }));
    const expected = ['purge cat.jpg', 'purge stale dog.jpg', 'warm dog.jpg', 'purge stale cat.jpg', 'warm cat.jpg'];
    expect(done).toEqual(expected);
  });

  it('takes events without a sequencer as they come', async () => {
    const { tell, done } = house();
    for (const kind of ['removed', 'created', 'removed'] as const) await tell(s3Notification({ kind, key: 'cat.jpg' }));
    expect(done).toEqual(['purge cat.jpg', 'purge stale cat.jpg', 'warm cat.jpg', 'purge cat.jpg']);
  });

  it('does not count an event that failed as applied', async () => {
    const { tell, done, failWith } = house();
    const body = s3Notification({ kind: 'removed', key: 'cat.jpg', sequencer: '02' });
    failWith(new Failure('upstream', 'not now'));
    expect(await tell(body)).toBe('retry');
    failWith(undefined);
    expect(await tell(body)).toBe('done');
    expect(done).toEqual(['purge cat.jpg']);
  });

  it('is not told by Ceph’s sequencer, which a later event may have lower', async () => {
    const { tell, done } = house();
    for (const [kind, sequencer] of [
      ['created', '6720026B5A388E0F'],
      ['removed', '6720026B1519F139'],
    ] as const) {
      await tell(JSON.stringify({ Records: [{ ...s3Record({ kind, key: 'a', sequencer }), eventSource: 'ceph:s3' }] }));
    }
    expect(done).toEqual(['purge stale a', 'warm a', 'purge a']);
  });

  it('of two of one key at once is kept: one after the other', async () => {
    const { tell, done } = house();
    const both = ['0a', '0b'].map((sequencer) => tell(s3Notification({ kind: 'created', key: 'cat.jpg', sequencer })));
    expect(await Promise.all(both)).toEqual(['done', 'done']);
    expect(done).toEqual(['purge stale cat.jpg', 'warm cat.jpg', 'purge stale cat.jpg', 'warm cat.jpg']);
  });

  it.each([
    ['1', '10', 0],
    ['1', '2', -1],
    ['0F', '0e', 1],
    ['abc', 'ABCD', -1],
    ['9', '10', 1],
    ['', '0', 0],
  ])('compares %j and %j padded on the right: %i', (left, right, expected) => {
    expect(compareSequencers(left, right)).toBe(expected);
    expect(compareSequencers(right, left)).toBe(expected === 0 ? 0 : -expected);
  });
});

describe('a message that fails', () => {
  const outcomes: Record<(typeof failureKinds)[number], 'done' | 'retry'> = {
    invalid: 'done',
    unauthorised: 'done',
    expired: 'done',
    not_found: 'done',
    too_large: 'done',
    unsupported: 'done',
    corrupt: 'done',
    overloaded: 'retry',
    upstream: 'retry',
    timeout: 'retry',
    cancelled: 'retry',
  };

  it.each(failureKinds)('as %s is dropped or comes again, as the table says', async (kind) => {
    const { tell, failWith, telemetry } = house();
    failWith(new Failure(kind, 'told to'));
    expect(await tell(s3Notification({ kind: 'removed', key: 'cat.jpg' }))).toBe(outcomes[kind]);
    const outcome = outcomes[kind] === 'done' ? 'dropped' : 'retried';
    expect(telemetry.events).toContainEqual(expect.objectContaining({ type: 'message', outcome }));
  });

  it('by a bug comes again, and the bug is reported', async () => {
    const { tell, failWith, telemetry } = house();
    failWith(new TypeError('of our own'));
    expect(await tell(s3Notification({ kind: 'removed', key: 'cat.jpg' }))).toBe('retry');
    expect(telemetry.events).toContainEqual(expect.objectContaining({ type: 'bug', where: 'queue' }));
  });

  it('in one event does the others all the same, and comes again', async () => {
    const failing = new Set(['b.jpg']);
    const done: string[] = [];
    const { tell } = house({
      variants: {
        purge: async ({ keys = [] }) => {
          if (failing.has(keys[0] ?? '')) throw new Failure('upstream', 'not now');
          done.push(...keys);
          return result;
        },
        purgeIfKnown: async () => undefined,
        warm: async () => ({ rendered: 0, present: 0, isAbsent: false }),
      },
    });
    const events = ['a.jpg', 'b.jpg', 'c.jpg'].map((key) => ({ kind: 'removed', key, sequencer: '01' }) as const);
    expect(await tell(s3Notification(...events))).toBe('retry');
    failing.clear();
    expect(await tell(s3Notification(...events))).toBe('done');
    expect(done).toEqual(['a.jpg', 'c.jpg', 'b.jpg']);
  });
});

describe('a job of ours', () => {
  const edgeJob = (dueAt: number) =>
    JSON.stringify({ fovea: 'purge-edge', tags: ['o:1', 'o:2'], reference: 'r', dueAt });

  it('purges the edge a second time once it is due', async () => {
    const { tell, done, postponed } = house();
    expect(await tell(edgeJob(1_000_000))).toBe('done');
    expect([done, postponed]).toEqual([['edge o:1 o:2'], []]);
  });

  it('that comes early, because SQS holds nothing back for longer than 15 minutes, is sent on', async () => {
    const { tell, done, postponed } = house();
    expect(await tell(edgeJob(1_060_000))).toBe('done');
    expect(done).toEqual([]);
    expect(postponed).toEqual([expect.objectContaining({ tags: ['o:1', 'o:2'], reference: 'r', dueAt: 1_060_000 })]);
  });

  it('purges whatever it names, under its own reference however often it is delivered', async () => {
    const { tell, done, references } = house();
    await tell(JSON.stringify({ fovea: 'purge', keys: ['a'], prefixes: ['b/'] }));
    expect([done, references]).toEqual([['purge a b/'], ['message 1']]);
  });
});

describe('the reference of a purge', () => {
  it('is the event’s, so that the CDN takes duplicates for one and overwrites for two', async () => {
    const { tell, references } = house();
    const again = house();
    for (const { tell: say } of [{ tell }, again]) {
      await say(s3Notification({ kind: 'removed', key: 'cat.jpg', sequencer: '01' }));
      await say(s3Notification({ kind: 'removed', key: 'cat.jpg', sequencer: '02' }));
    }
    expect(references).toEqual(again.references);
    expect(new Set(references).size).toBe(2);
  });
});

it('formEncoded is what S3 writes', () => {
  expect(formEncoded('a b/c+d%.jpg')).toBe('a+b/c%2Bd%25.jpg');
});
