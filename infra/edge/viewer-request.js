// The CloudFront function (runtime cloudfront-js-2.0) that runs before the cache, for every request, hits too. Nothing
// here may be younger than what that runtime and njs 0.7 know. test/support/accept-cases.json says what it answers; the
// origin's own negotiation is held to the same file, so the two cannot drift.

// Without the quotes of a quoted parameter nothing separates: the origin reads Accept the same way.
function splitOutsideQuotes(text, separator) {
  const parts = [];
  let start = 0;
  let isQuoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (isQuoted && character === '\\') index += 1;
    else if (character === '"') isQuoted = !isQuoted;
    else if (character === separator && !isQuoted) {
      parts.push(text.slice(start, index));
      start = index + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

// The q of one range, 1 without one, -1 for one that is not well-formed: such a range counts as not sent.
function weightOf(parameters) {
  for (let index = 0; index < parameters.length; index += 1) {
    const parts = parameters[index].split('=');
    if (parts[0].trim().toLowerCase() === 'q') {
      const text = (parts[1] || '').trim();
      return /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(text) ? Number(text) : -1;
    }
  }
  return 1;
}

function readWeights(accept) {
  const weights = {};
  splitOutsideQuotes(accept, ',').forEach((element) => {
    const parts = splitOutsideQuotes(element, ';');
    const type = parts[0].trim().toLowerCase();
    const weight = weightOf(parts.slice(1));
    if (weight >= 0) weights[type] = Math.max(weight, weights[type] || 0);
  });
  return weights;
}

function first(one, other, last) {
  if (one !== undefined) return one;
  return other !== undefined ? other : last;
}

// The format of the highest weight; at equal weights AVIF before WebP before the rest. A wildcard promises neither.
function acceptedFormat(accept) {
  const weights = readWeights(accept);
  const avif = weights['image/avif'] || 0;
  const webp = weights['image/webp'] || 0;
  const wildcard = first(weights['image/*'], weights['*/*'], 0);
  const basic = Math.max(first(weights['image/jpeg'], wildcard, 0), first(weights['image/png'], wildcard, 0));
  if (avif > 0 && avif >= webp && avif >= basic) return 'avif';
  return webp > 0 && webp >= basic ? 'webp' : 'none';
}

// A header sent more than once means the same as its values in one list (RFC 9110 section 5.3).
function headerOf(request, name) {
  const header = request.headers[name];
  if (!header) return '';
  if (!header.multiValue) return header.value;
  return header.multiValue.map((one) => one.value).join(', ');
}

function savesData(request) {
  return headerOf(request, 'save-data').trim().toLowerCase() === 'on';
}

function refusal(statusCode, statusDescription, detail) {
  const problem = { type: 'about:blank', title: statusDescription, status: statusCode, detail: detail };
  return {
    statusCode: statusCode,
    statusDescription: statusDescription,
    headers: {
      'content-type': { value: 'application/problem+json' },
      'cache-control': { value: 'public, max-age=60' },
      'x-content-type-options': { value: 'nosniff' },
    },
    body: { encoding: 'text', data: `${JSON.stringify(problem)}\n` },
  };
}

// Decoded once and with backslashes turned, so that no spelling of a path reaches what is closed; undefined for a path
// that is not percent-encoded text, or that has dot segments: those the origin refuses as well.
function plainPath(uri) {
  let path;
  try {
    path = decodeURIComponent(uri).replace(/\\/g, '/');
  } catch (_) {
    return undefined;
  }
  return /(^|\/)\.\.?(\/|$)/.test(path) ? undefined : path;
}

// biome-ignore lint/correctness/noUnusedVariables: CloudFront calls it by this name.
function handler(event) {
  const request = event.request;
  const path = plainPath(request.uri);
  if (path === undefined)
    return refusal(400, 'Bad request', 'The path must be percent-encoded UTF-8 without dot segments.');
  if (/^\/+-(\/|$)/.test(path)) {
    // Signing uploads is for outside; health, metrics and purge are not. Their query and headers stay as they are.
    if (/^\/-\/(uploads(\/|$)|images$)/.test(request.uri)) return request;
    return refusal(404, 'Not found', 'There is nothing under this path.');
  }
  const format = acceptedFormat(headerOf(request, 'accept'));
  request.headers['x-fovea-accept'] = { value: format + (savesData(request) ? '-lite' : '') };
  request.querystring = {};
  return request;
}
