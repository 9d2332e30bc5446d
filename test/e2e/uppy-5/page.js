// Uppy 5, beside the page's Uppy 6.
import AwsS3 from '@uppy/aws-s3';
import Uppy from '@uppy/core';

globalThis.uploadWithUppy5 = ({ server, ticket, name, shouldUseMultipart }) => {
  const uppy = new Uppy().use(AwsS3, {
    endpoint: `${server}/-/uploads/`,
    headers: { Authorization: `Bearer ${ticket}` },
    shouldUseMultipart,
    retryDelays: [],
  });
  return globalThis.clients.runUppy(uppy, name);
};
