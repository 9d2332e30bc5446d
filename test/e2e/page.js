// What runs in the browser: each client as its documentation sets it up, and what it answers when it is done.
import AwsS3 from '@uppy/aws-s3';
import Uppy from '@uppy/core';
import { create } from 'filepond';

async function photo(name) {
  const response = await fetch(`/${name}`);
  return new File([await response.blob()], name, { type: 'image/jpeg' });
}

async function post(url, headers, body) {
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: response.status, ...(await response.json()) };
}

/** No library: sign, send to where the answer says, commit. */
async function uploadPlainly({ server, ticket, method, name }) {
  const headers = { Authorization: `Bearer ${ticket}`, 'Content-Type': 'application/json' };
  const file = await photo(name);
  const files = [{ filename: name, type: file.type, bytes: file.size }];
  const signed = await post(`${server}/-/uploads`, headers, { files, method });
  const [upload] = signed.uploads;
  const form = new FormData();
  for (const [field, value] of Object.entries(upload.fields ?? {})) form.append(field, value);
  form.append('file', file);
  const sent = await fetch(upload.url, {
    method: upload.method,
    headers: upload.headers ?? {},
    body: upload.fields === undefined ? file : form,
  });
  const committed = await post(`${server}/-/uploads/${signed.batch}/commit`, headers);
  return {
    sent: sent.status,
    committed: committed.status,
    direct: !upload.url.startsWith(server),
    method: upload.method,
    key: committed.files?.[0]?.key,
  };
}

async function runUppy(uppy, name) {
  uppy.addFile({ name, type: 'image/jpeg', data: await photo(name) });
  const { successful, failed } = await uppy.upload();
  const [done] = successful;
  return { key: done?.response.body.key, uploadURL: done?.uploadURL, failed: failed.length };
}

function uploadWithUppy6({ name, endpoint, shouldUseMultipart }) {
  return runUppy(new Uppy().use(AwsS3, { companionEndpoint: endpoint, shouldUseMultipart }), name);
}

function uploadWithSignRequest({ server, ticket, name }) {
  const signRequest = (request) =>
    post(
      `${server}/-/uploads/s3/sign`,
      { Authorization: `Bearer ${ticket}`, 'Content-Type': 'application/json' },
      request,
    );
  return runUppy(new Uppy().use(AwsS3, { signRequest }), name);
}

async function uploadWithFilePond({ server, ticket, name, chunkUploads, revert }) {
  const pond = create({
    server: { url: `${server}/-/uploads/filepond`, headers: { Authorization: `Bearer ${ticket}` } },
    chunkUploads,
    chunkForce: chunkUploads,
    chunkSize: 1_000_000,
    chunkRetryDelays: [],
    instantUpload: false,
  });
  await pond.addFile(await photo(name));
  const { serverId, status } = await pond.processFile();
  if (!revert) return { key: serverId, status };
  const reverted = new Promise((resolve) => pond.on('processfilerevert', resolve));
  pond.removeFile({ revert: true });
  await reverted;
  return { key: serverId, status };
}

/** Signs one file for the bucket: where it goes, by which method and with what. */
async function signStraight({ server, ticket }, file) {
  const headers = { Authorization: `Bearer ${ticket}`, 'Content-Type': 'application/json' };
  const files = [{ filename: file.name, type: file.type, bytes: file.size }];
  const { batch, uploads } = await post(`${server}/-/uploads`, headers, { files });
  return { ...uploads[0], commit: () => post(`${server}/-/uploads/${batch}/commit`, headers) };
}

/** FilePond, which sends to the bucket itself what was signed. */
async function uploadStraightWithFilePond({ server, ticket, name }) {
  let used;
  const process = async (_field, file, _metadata, load, error) => {
    const upload = await signStraight({ server, ticket }, file);
    used = upload.method;
    const form = new FormData();
    for (const [field, value] of Object.entries(upload.fields ?? {})) form.append(field, value);
    form.append('file', file);
    const body = upload.fields === undefined ? file : form;
    const sent = await fetch(upload.url, { method: upload.method, headers: upload.headers ?? {}, body });
    const { files } = sent.ok ? await upload.commit() : {};
    if (files?.[0]?.status === 'published') load(files[0].key);
    else error('not published');
  };
  const pond = create({ server: { process }, instantUpload: false });
  await pond.addFile(await photo(name));
  const { serverId } = await pond.processFile();
  return { key: serverId, method: used };
}

globalThis.clients = {
  signStraight,
  uploadStraightWithFilePond,
  uploadPlainly,
  uploadWithUppy6,
  uploadWithSignRequest,
  uploadWithFilePond,
  runUppy,
};
