import { mediaTypeOf } from '../../formats.ts';
import { purgeBody } from '../admin.ts';
import { infosBody } from '../many-infos.ts';
import { manyBody } from '../many-originals.ts';
import { erasureQuery, originalQuery } from '../original.ts';
import { altBody, focusBody } from '../originals.ts';
import { erased, explained, focused, information, original, originals, purged, worded } from './answers.ts';
import type { Operations } from './operation.ts';

const ifMatch = 'Only the original of this entity tag; of another one nothing is touched.';
const ifNoneMatch = 'What is there already, by its entity tag.';
const unchanged = { means: 'It is the one of If-None-Match.' };
const another = { means: 'It is another than the one of If-Match.', content: 'application/problem+json' } as const;

/** What the routes about the service mean. */
export const serviceOperations: Operations = {
  'GET /-/health': {
    summary: 'The process answers',
    description: 'Restart what fails it.',
    answers: { 200: { means: 'It does; the second line is its version.', content: 'text/plain' } },
  },
  'GET /-/ready': {
    summary: 'Pictures can be made',
    description: 'A tiny real render has worked just now, and the store of originals answers.',
    answers: {
      200: { means: 'They can.', content: 'text/plain' },
      503: { means: 'Send nobody here now.', content: 'application/problem+json' },
    },
  },
  'GET /-/openapi.json': {
    summary: 'This document',
    answers: { 200: { means: 'OpenAPI 3.1, of the routes that this server has.', content: 'application/json' } },
  },
  'GET /-/explain': {
    summary: 'What a URL means',
    description:
      'Each part of it, what it comes to, what is kept of it, and why it is refused: no more than the URL itself tells.',
    query: { url: 'Path and query of a URL, percent-encoded.' },
    answers: { 200: { means: 'What it means, refused or not.', content: explained } },
  },
  'GET /-/info/:key{.+}': {
    summary: 'All that is known of an original',
    description: 'For whoever may have the original itself. Made once for each version, and kept.',
    headers: { 'If-None-Match': ifNoneMatch },
    answers: { 200: { means: 'It.', content: information, headers: { ETag: 'Of what is told.' } }, 304: unchanged },
  },
  'POST /-/info': {
    summary: 'All that is known of many originals',
    description:
      'For build tools: a line of JSON for each, in their order, with `error` where it is not there or may not be told of. With the admin token all may be.',
    bodies: [infosBody],
    answers: { 200: { means: 'Lines, each with its `key`.', content: 'application/x-ndjson' } },
  },
  'GET /-/placeholder/:key{.+}': {
    summary: 'A picture of a few hundred bytes',
    description: 'To be shown until the real one is there.',
    headers: { 'If-None-Match': ifNoneMatch },
    answers: { 200: { means: 'It.', content: mediaTypeOf('webp') }, 304: unchanged },
  },
  'GET /-/playground': {
    summary: 'A page to compose URLs on',
    answers: { 200: { means: 'It.', content: 'text/html' } },
  },
  'GET /-/demo': {
    summary: 'A page of originals as a site would show them',
    answers: { 200: { means: 'It.', content: 'text/html' } },
  },
  'GET /-/playground/:file': {
    summary: 'What these pages are made of',
    answers: { 200: { means: 'A file of them.', content: '*/*' } },
  },
  'GET /-/originals': {
    summary: 'Originals by the beginning of their keys, a page at a time',
    query: { prefix: 'What their keys begin with.', page: 'The `next` of the page before.' },
    answers: { 200: { means: 'A page, in the order of keys; without `next` it is the last.', content: originals } },
  },
  'POST /-/originals': {
    summary: 'Look at, delete or move many originals',
    description:
      'A line of JSON for each as it is done, in their order, with `error` where it was not; and one at the end with what all came to, and `error` where the rest was given up. All is checked before anything is done. A client that leaves has it stop within a hundred.',
    bodies: [manyBody],
    answers: { 200: { means: 'Lines.', content: 'application/x-ndjson' } },
  },
  'PUT /-/focus/:key{.+}': {
    summary: 'Say what matters most in an original',
    description: 'In shares of width and height, from the top left. What was made of it before is purged.',
    bodies: [focusBody],
    answers: { 200: { means: 'It is kept with the original.', content: focused } },
  },
  'PUT /-/alt/:key{.+}': {
    summary: 'Say in words what an original shows',
    description:
      'For who does not see it: descriptions tell it, before that of the file. What was made of it before is purged.',
    bodies: [altBody],
    answers: { 200: { means: 'It is kept with the original.', content: worded } },
  },
  'GET /-/originals/:key{.+}': {
    summary: 'An original as the store has it now',
    query: originalQuery,
    answers: {
      200: { means: 'It is there.', content: original, headers: { ETag: 'That it is answered with as it is.' } },
    },
  },
  'DELETE /-/originals/:key{.+}': {
    summary: 'Delete an original and everything made of it',
    description:
      'Down to the CDN. May be repeated: it goes on where it failed, and of what is not there whatever was left goes.',
    query: erasureQuery,
    headers: { 'If-Match': ifMatch },
    answers: { 200: { means: 'It is gone, or would be.', content: erased }, 412: another },
  },
  'GET /-/metrics': {
    summary: 'Metrics for Prometheus',
    answers: { 200: { means: 'All of them.', content: 'text/plain' } },
  },
  'POST /-/purge': {
    summary: 'Forget everything made of originals',
    description:
      'By keys, prefixes, tags or URLs: stored variants, what every process remembers, and the CDN. Originals stay.',
    bodies: [purgeBody],
    answers: { 200: { means: 'It is forgotten, or would be.', content: purged } },
  },
};
