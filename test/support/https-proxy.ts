import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { onTestFinished } from 'vitest';

/** Of `behind.example` and all below it, for a hundred years; nobody else trusts it. */
export const certificate = `-----BEGIN CERTIFICATE-----
MIIBtjCCAV2gAwIBAgIUYf8eoEm4dRCnGc+Rr0tjf/7yyfMwCgYIKoZIzj0EAwIw
GTEXMBUGA1UEAwwOYmVoaW5kLmV4YW1wbGUwIBcNMjYxMTMwMTY0NTQwWhgPMjEy
NjExMDYxNjQ1NDBaMBkxFzAVBgNVBAMMDmJlaGluZC5leGFtcGxlMFkwEwYHKoZI
zj0CAQYIKoZIzj0DAQcDQgAExsoPH0Zwe3X6GSzzuAG+eo/J+P/heLxooSv6wkTZ
OJH5deRgi10RmuD6GzU9i/t9DzWksWgMM/BHT06d7DOTwaOBgDB+MB0GA1UdDgQW
BBTQ04pPTNnzOBNBP7x/iCwbREmckjAfBgNVHSMEGDAWgBTQ04pPTNnzOBNBP7x/
iCwbREmckjAPBgNVHRMBAf8EBTADAQH/MCsGA1UdEQQkMCKCDmJlaGluZC5leGFt
cGxlghAqLmJlaGluZC5leGFtcGxlMAoGCCqGSM49BAMCA0cAMEQCIF8NUMaWI2Od
6zHgfh+yFDLY4gAWU4OFEoo1XCpZkZhNAiB7uVD13cv8JOmO64UWffsT5yrJ96Uu
KHppXMewd9Y2Rw==
-----END CERTIFICATE-----
`;
const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg26PbvY0tGiJNPS+c
i2zCb9z01PmGtWp5Mrmjobf1gt2hRANCAATGyg8fRnB7dfoZLPO4Ab56j8n4/+F4
vGihK/rCRNk4kfl15GCLXRGa4PobNT2L+30PNaSxaAwz8EdPTp3sM5PB
-----END PRIVATE KEY-----
`;

/** A server of https on loopback; gone when the test is. */
export async function startSecureServer(listener: RequestListener): Promise<number> {
  const server = createSecureServer({ key, cert: certificate }, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** A proxy on loopback that keeps what it is asked to connect to, and connects all of it to one port, or refuses it. */
export async function startProxy(leadsTo?: number) {
  const asked: string[] = [];
  const authorisations: (string | undefined)[] = [];
  const server = createServer();
  server.on('connect', (request, socket) => {
    asked.push(request.url ?? '');
    authorisations.push(request.headers['proxy-authorization']);
    socket.on('error', () => undefined);
    if (leadsTo === undefined) return void socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n');
    const target = connect(leadsTo, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      target.pipe(socket).pipe(target);
    });
    target.on('error', () => socket.destroy());
    onTestFinished(() => void target.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, asked, authorisations };
}
