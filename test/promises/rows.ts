/** What shows that a promise is kept. */
export interface Row {
  readonly number: number;
  readonly promise: string;
  readonly goal: string;
  /** Test files, under `test/`, that stand for it: their figures are what they note, or how many of their tests pass. */
  readonly files: readonly string[];
  /** Of a file with many other tests, only those whose name matches. */
  readonly tests?: RegExp;
  /** What the goal says and these do not show, and why not. */
  readonly missing?: string;
}

/** The promises, in the order of their numbers. */
export const rows: readonly Row[] = [
  {
    number: 1,
    promise: 'No input stops or hangs the service',
    goal: 'hostile and 20,000 fetched files, 4 at a time: 0 deaths, every answer within 12 s, no 5xx but 503/504',
    files: ['fire/hostile.test.ts', 'fire/corpora.test.ts'],
  },
  {
    number: 2,
    promise: 'A render that overruns is truly ended',
    goal: 'killed ≤ 1 s after the deadline, back ≤ 1 s; hits p99 ≤ 2× quiet',
    files: ['fire/poison.test.ts'],
  },
  {
    number: 3,
    promise: 'A known poison is not tried again, and what is asked of an original makes none of it',
    goal: '≤ 2 tries and one of 16 pixels in 10 min; ≤ 20 ms later; slow pictures are refused alone, a busy machine’s not at all',
    files: ['fire/poison.test.ts', 'fire/abuse/poison.test.ts', 'image/losses.test.ts'],
  },
  {
    number: 4,
    promise: 'Memory is bounded',
    goal: 'process group ≤ 1.5 GiB with 2 renderers',
    files: ['fire/hostile.test.ts', 'fire/corpora.test.ts'],
  },
  {
    number: 5,
    promise: 'Limits before decoding',
    goal: 'bombs refused ≤ 100 ms, all of them',
    files: ['fire/hostile.test.ts'],
  },
  {
    number: 6,
    promise: 'Output is limited too',
    goal: '≤ 8192 a side, ≤ 40 MP × frames',
    files: ['fire/output-limits.test.ts', 'fire/hostile.test.ts', 'image/refusals.test.ts'],
  },
  {
    number: 7,
    promise: 'Herd on a cold key = one render',
    goal: '500 → 1/1/1, all 200, one ETag',
    files: ['fire/load.test.ts'],
  },
  {
    number: 8,
    promise: 'Overload is refused at once, hits go on',
    goal: 'refusals ≤ 50 ms with Retry-After; hits p99 ≤ 50 ms; goodput ≥ 90 % of the peak at 5× load',
    files: ['fire/load.test.ts'],
  },
  {
    number: 9,
    promise: 'Variants cannot explode',
    goal: '10,000 tries → ≤ the allowed set stored',
    files: ['fire/policy.test.ts'],
  },
  {
    number: 10,
    promise: 'A purge is final',
    goal: '0 stale of 1000 races; ≤ 1 s over 2 processes',
    files: ['fire/purge.test.ts', 'flow/purge-races.test.ts', 'flow/purge.test.ts'],
  },
  {
    number: 11,
    promise: 'An overwrite is never answered with old bytes beyond a stated bound',
    goal: '≤ 2 s by event, ≤ 60 s without',
    files: ['fire/overwrites.test.ts', 'fire/clock.test.ts', 'flow/crowd.test.ts'],
    tests: /overwritten/,
    missing: 'the way of an event from the bucket into the queue, which is AWS’s',
  },
  {
    number: 12,
    promise: 'Signatures cannot be forged, moved or stretched',
    goal: '1000/1000 mutations refused; constant time; two keys; ends ± 60 s',
    files: ['flow/access.test.ts', 'flow/http.test.ts', 'fire/clock.test.ts'],
    tests: /who may ask|signatures|a URL that ends/,
  },
  {
    number: 13,
    promise: 'Only allowed objects are read',
    goal: '0 keys outside of the prefix in hosts + 100,000 random paths',
    files: ['fire/policy.test.ts'],
  },
  {
    number: 14,
    promise: 'The key decides the bytes',
    goal: '0 differences over 44 headers, and all that are read, × 50 URLs; what changes an answer is in Vary or keeps it out of caches',
    files: ['fire/policy.test.ts', 'http/request-headers.test.ts'],
  },
  {
    number: 15,
    promise: 'Content-Type is true',
    goal: '100 % decode as declared',
    files: ['fire/hostile.test.ts', 'fire/corpora.test.ts'],
  },
  {
    number: 16,
    promise: 'No active content',
    goal: '0 SVG out; Chromium: 0 scripts run, 0 requests',
    files: ['e2e/active-content.test.ts', 'fire/hostile.test.ts'],
  },
  {
    number: 17,
    promise: 'S3 faults never give wrong bytes',
    goal: '10,000 requests with 20 % faults: 0 wrong',
    files: ['fire/storm.test.ts'],
  },
  {
    number: 18,
    promise: 'The cache tier is optional',
    goal: '0 errors with the tier down or its disk full or read-only; added p99 ≤ 50 ms',
    files: ['fire/storm.test.ts', 'fire/disk.test.ts'],
  },
  {
    number: 19,
    promise: 'Restart loses nothing, drain drops nothing',
    goal: '50 kills: 0 bad objects; 20 TERMs under load: 0 failed',
    files: ['fire/restart.test.ts'],
  },
  {
    number: 20,
    promise: 'Flat memory',
    goal: '≤ 1 % an hour after warm-up; after a burst ≤ 1.3× idle in 60 s',
    files: ['fire/load.test.ts'],
    missing: 'the slope is measured by `npm run bench:soak`, with its curve in bench/soak.svg',
  },
  {
    number: 21,
    promise: 'Slow clients cannot hold it',
    goal: '1000 slow ones closed ≤ 15 s, service available, hits p99 ≤ 100 ms',
    files: ['fire/load.test.ts', 'fire/slow-clients.test.ts'],
  },
  {
    number: 22,
    promise: 'Health says the truth',
    goal: 'red ≤ 2 s when nothing can be drawn or S3 refuses',
    files: ['fire/poison.test.ts', 'flow/s3-faults.test.ts'],
    tests: /let us in|readiness/,
  },
  {
    number: 23,
    promise: 'Conditional requests are cheap',
    goal: '304 ≤ 5 ms p99, 0 renders, 0 GETs of originals',
    files: ['fire/load.test.ts'],
  },
  {
    number: 24,
    promise: 'Negotiation is right',
    goal: '200 Accept strings: 100 % as the table; Vary on all',
    files: ['flow/negotiation.test.ts', 'grammar/negotiation.test.ts'],
  },
  {
    number: 25,
    promise: 'Errors are not cached by accident',
    goal: 'every non-2xx has Cache-Control; none stored by proxies',
    files: ['flow/cache-control.test.ts', 'edge/outage.test.ts'],
  },
  {
    number: 26,
    promise: 'Events are handled exactly in effect',
    goal: '10,000 events shuffled and repeated: same end state, 0 lost',
    files: ['fire/events.test.ts', 'queue/message-handler.test.ts'],
  },
  {
    number: 27,
    promise: 'GC deletes no living object',
    goal: '1000 uploads against a looping sweep: 0 lost; all orphans gone ≤ 1 sweep after the grace',
    files: ['fire/sweep.test.ts', 'cli/gc.test.ts'],
  },
  {
    number: 28,
    promise: 'Uploads are checked, not believed',
    goal: 'wrong size, type, checksum, key, second use: refused; every hostile file refused at completion',
    files: ['fire/refused-uploads.test.ts', 'flow/uploads.test.ts'],
  },
  {
    number: 29,
    promise: 'Batch is all or nothing',
    goal: '0 visible rests for a fault at each item k of n, and after kill -9',
    files: ['fire/batches.test.ts', 'fire/uploads.test.ts', 'flow/uploads.test.ts'],
    tests: /all|none|batch/i,
  },
  {
    number: 30,
    promise: 'Orientation and colour right',
    goal: 'all orientations; ΔE ≤ 3 on Display P3 and CMYK',
    files: ['image/orientation.test.ts', 'image/colour.test.ts'],
  },
  {
    number: 31,
    promise: 'No metadata leaks',
    goal: '0 planted positions, comments, trailers in outputs',
    files: ['fire/hostile.test.ts'],
  },
  {
    number: 32,
    promise: 'Damaged pictures are never cached as whole',
    goal: 'cut off pictures refused',
    files: ['fire/hostile.test.ts', 'image/refusals.test.ts'],
    tests: /cut off|damaged/,
  },
  {
    number: 33,
    promise: 'Smuggling and desync impossible',
    goal: '12 raw cases → 400 and close, behind HAProxy too',
    files: ['flow/raw-http.test.ts', 'fire/smuggling.test.ts'],
    tests: /two programs/,
    missing:
      'a 400 for what HAProxy itself puts right before it forwards it: folded headers, lines and chunks that end in LF, a length beside chunks',
  },
  {
    number: 34,
    promise: 'Parser is linear',
    goal: '8 kB worst strings ≤ 5 ms; 100,000 random round trips',
    files: ['fire/grammar.test.ts', 'grammar/refusals.test.ts', 'grammar/canonical.test.ts'],
  },
  {
    number: 35,
    promise: 'Loop stays free',
    goal: 'delay p99 ≤ 50 ms in all tests',
    files: ['fire/load.test.ts', 'fire/respawn.test.ts'],
  },
  {
    number: 36,
    promise: 'Secrets stay in',
    goal: 'none in bodies, headers, logs; render child has none',
    files: ['fire/load.test.ts', 'fire/secrets.test.ts', 'image/pool.test.ts'],
    tests: /environment|core/,
  },
  {
    number: 37,
    promise: 'One visitor does not take the processes from the others',
    goal: 'ten heavy pictures of one client or original under way: every other cold picture 200, begun within two renders’ time',
    files: ['fire/abuse/fairness.test.ts', 'variants/admission.test.ts', 'shares.test.ts'],
  },
  {
    number: 38,
    promise: 'A decoder that is taken over gets nowhere',
    goal: 'of twelve things a traitor tries 0 come through in the two best cages; a start costs ≤ 60 ms more',
    files: ['fire/cage.test.ts', 'image/cage.test.ts'],
  },
  {
    number: 39,
    promise: 'Everybody may do what is theirs, and nothing else',
    goal: 'every route × credential as SECURITY.md says; what is protected or no picture comes out by no spelling; no secret in the log',
    files: ['fire/abuse/doors.test.ts', 'flow/guards.test.ts', 'security.test.ts'],
  },
  {
    number: 40,
    promise: 'One visitor’s most is bounded',
    goal: 'memory ≤ 1.5 GiB; ≤ 550 variants of an original that nobody declared, and the declared ones 200; names ≤ 300 MB; uploads ≤ what a ticket has, and ≤ 350 MB under way',
    files: ['fire/abuse/most.test.ts'],
  },
  {
    number: 41,
    promise: 'A small machine suffices',
    goal: 'one core and 512 MB: photographs of 24 megapixels are rendered, no process is killed',
    files: ['fire/small-machine.test.ts'],
  },
];
