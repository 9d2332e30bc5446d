vcl 4.1;
# Varnish as the CDN in front of fovea: for Docker Compose as it is, for `stack` with the address replaced. It does what
# infra/edge/viewer-request.js and the distribution do, and is what the end-to-end tests run against.

import std;
import xkey;

backend origin {
  .host = "origin";
  .port = "3000";
  .connect_timeout = 3s;
  # A render may take ten seconds, after some in the queue.
  .first_byte_timeout = 20s;
  .between_bytes_timeout = 10s;
  .probe = {
    .url = "/-/ready";
    .interval = 2s;
    .timeout = 2s;
    .window = 4;
    .threshold = 2;
    .initial = 2;
  }
}

# The origin purges; so may whoever is on the same machine or private network.
acl purgers {
  "localhost";
  "127.0.0.0"/8;
  "10.0.0.0"/8;
  "172.16.0.0"/12;
  "192.168.0.0"/16;
}

sub refuse_or_pass {
  # Dot segments and the paths of our own, in every spelling that somebody might decode.
  if (req.url ~ "(?i)(/|%2f|\\|%5c)(\.|%2e){1,2}(/|%2f|\\|%5c|\?|$)") {
    return (synth(400, "Bad request"));
  }
  if (req.url ~ "(?i)^/+(-|%2d)(/|%2f|\\|%5c|\?|$)") {
    if (req.url ~ "^/-/(uploads(/|\?|$)|images(\?|$))") {
      set req.http.x-upload = "yes";
      return (pass);
    }
    return (synth(404, "Not found"));
  }
  if (req.method == "OPTIONS") {
    return (pass);
  }
  if (req.method != "GET" && req.method != "HEAD") {
    return (synth(405, "Method not allowed"));
  }
}

# Accept as one of three, where one look is enough to be sure which: a type without a weight weighs the most there is,
# and one that is not named weighs nothing. Any other Accept stays as it is; then Vary keeps the answers apart.
sub reduce_accept {
  if (req.http.Accept !~ "(?i)image/(avif|webp)") {
    set req.http.x-fovea-accept = "none";
  } else if (req.http.Accept ~ "\x22") {
    # Quoted parameters may hold anything.
  } else if (req.http.Accept ~ "(?i)(^|,)[ \t]*image/avif[ \t]*(,|$)") {
    set req.http.x-fovea-accept = "avif";
  } else if (req.http.Accept !~ "(?i)image/avif" && req.http.Accept ~ "(?i)(^|,)[ \t]*image/webp[ \t]*(,|$)") {
    set req.http.x-fovea-accept = "webp";
  }
  if (req.http.x-fovea-accept) {
    # What Vary names is what is compared: the reduced header takes the place of the one that was sent.
    set req.http.Accept = "image/" + req.http.x-fovea-accept;
  }
  if (req.http.x-fovea-accept && req.http.Save-Data ~ "(?i)^[ \t]*on[ \t]*$") {
    set req.http.Save-Data = "on";
    set req.http.x-fovea-accept = req.http.x-fovea-accept + "-lite";
  } else {
    unset req.http.Save-Data;
  }
}

sub vcl_recv {
  if (req.method == "PURGE") {
    if (client.ip !~ purgers) {
      return (synth(403, "Not yours to purge"));
    }
    if (!req.http.xkey) {
      return (synth(400, "Name the tags in xkey"));
    }
    set req.http.x-gone = xkey.purge(req.http.xkey);
    return (synth(200, req.http.x-gone + " objects purged"));
  }
  if (req.restarts == 0) {
    unset req.http.x-fovea-accept;
    unset req.http.x-failed;
    unset req.http.x-upload;
    call refuse_or_pass;
    call reduce_accept;
    set req.url = regsub(req.url, "\?.*$", "");
    # What it would tell of the form of a failure, x-fovea-accept tells.
    unset req.http.Sec-Fetch-Dest;
    unset req.http.Cookie;
    unset req.http.Authorization;
  }
  # While the origin answers, what is too old is asked for again; while it does not, old is better than nothing.
  if (std.healthy(req.backend_hint) && !req.http.x-failed) {
    set req.grace = 0s;
  } else {
    set req.grace = 1d;
  }
  return (hash);
}

sub vcl_hash {
  hash_data(req.url);
  return (lookup);
}

sub vcl_miss {
  # The second time round there was nothing old to show.
  if (req.http.x-failed) {
    return (synth(std.integer(req.http.x-failed, 503), "Origin failed"));
  }
}

sub vcl_backend_response {
  set beresp.http.xkey = regsuball(beresp.http.x-amz-meta-cache-tag, ",", " ");
  if (beresp.status >= 500) {
    # Never kept, and never in place of what is there.
    if (bereq.is_bgfetch) {
      return (abandon);
    }
    set beresp.uncacheable = true;
    set beresp.ttl = 0s;
    set beresp.grace = 0s;
    set beresp.keep = 0s;
    return (deliver);
  }
  if (!beresp.http.Cache-Control) {
    set beresp.uncacheable = true;
  }
  # A URL that ends says so: past its time nobody gets it, not even while the origin is away.
  if (beresp.http.Cache-Control ~ "(?i)must-revalidate") {
    set beresp.grace = 0s;
  } else {
    set beresp.grace = 1d;
  }
  set beresp.keep = 1d;
}

sub vcl_backend_error {
  set beresp.ttl = 0s;
  set beresp.grace = 0s;
  set beresp.keep = 0s;
  set beresp.http.Content-Type = "application/problem+json";
  set beresp.http.Cache-Control = "no-store";
  set beresp.http.Retry-After = "1";
  set beresp.body = {"{"type":"about:blank","title":"Origin away","status":"} + beresp.status + {"}"};
  return (deliver);
}

sub vcl_deliver {
  if (resp.status >= 500 && req.restarts == 0 && (req.method == "GET" || req.method == "HEAD") && !req.http.x-upload) {
    set req.http.x-failed = resp.status;
    return (restart);
  }
  if (obj.hits > 0) {
    set resp.http.x-edge = "varnish; hit";
  } else {
    set resp.http.x-edge = "varnish; fwd=miss";
  }
  if (resp.http.Cache-Status) {
    set resp.http.Cache-Status = resp.http.Cache-Status + ", " + resp.http.x-edge;
  } else {
    set resp.http.Cache-Status = resp.http.x-edge;
  }
  unset resp.http.x-edge;
  unset resp.http.xkey;
  unset resp.http.x-amz-meta-cache-tag;
  unset resp.http.X-Varnish;
  unset resp.http.Via;
}

sub vcl_synth {
  set resp.http.Content-Type = "application/problem+json";
  set resp.http.X-Content-Type-Options = "nosniff";
  if (resp.status >= 500) {
    set resp.http.Cache-Control = "no-store";
    set resp.http.Retry-After = "1";
  } else if (req.method == "PURGE") {
    set resp.http.Cache-Control = "no-store";
  } else {
    set resp.http.Cache-Control = "public, max-age=60";
  }
  if (resp.status == 405) {
    set resp.http.Allow = "GET, HEAD, OPTIONS";
  }
  set resp.body = {"{"type":"about:blank","title":""} + resp.reason + {"","status":"} + resp.status + {"}"};
  return (deliver);
}
