// Uppy 5, beside the page's Uppy 6.
import AwsS3 from '@uppy/aws-s3';
import Uppy from '@uppy/core';

/** Straight to the bucket: by the method that is answered, committed when it has arrived. */
globalThis.uploadStraightWithUppy5 = async ({ server, ticket, name }) => {
  const signed = new Map();
  const uppy = new Uppy().use(AwsS3, {
    shouldUseMultipart: false,
    retryDelays: [],
    getUploadParameters: async (file) => {
      const upload = await globalThis.clients.signStraight({ server, ticket }, file);
      signed.set(file.id, upload);
      return { method: upload.method, url: upload.url, fields: upload.fields ?? {}, headers: upload.headers ?? {} };
    },
  });
  const { failed } = await globalThis.clients.runUppy(uppy, name);
  const [upload] = signed.values();
  const { files } = await upload.commit();
  return { failed, method: upload.method, key: files?.[0]?.key };
};

globalThis.uploadWithUppy5 = ({ server, ticket, name, shouldUseMultipart }) => {
  const uppy = new Uppy().use(AwsS3, {
    endpoint: `${server}/-/uploads/`,
    headers: { Authorization: `Bearer ${ticket}` },
    shouldUseMultipart,
    retryDelays: [],
  });
  return globalThis.clients.runUppy(uppy, name);
};
