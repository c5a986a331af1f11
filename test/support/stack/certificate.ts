/** A certificate authority and one certificate of it, made when they are needed and kept in memory only. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TestCertificate {
  /** Of the authority, PEM: what a client is told to trust. */
  readonly ca: string;
  /** The certificate and its authority, PEM. */
  readonly chain: string;
  /** PEM. */
  readonly key: string;
}

/** For `localhost`, the loopback addresses and the names given; good for one day. */
export function makeCertificate(...names: readonly string[]): TestCertificate {
  const folder = mkdtempSync(join(tmpdir(), 'odm-certificate-'));
  const file = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
  try {
    openssl(
      ...['req', '-x509', ...newKey, '-subj', '/CN=Test authority', '-keyout', 'ca.key', '-out', 'ca.pem'],
      ...['-addext', 'keyUsage=critical,keyCertSign,cRLSign'],
    );
    const subjects = ['DNS:localhost', 'IP:127.0.0.1', 'IP:::1', ...names.map((name) => `DNS:${name}`)];
    openssl(
      ...['req', '-x509', '-CA', 'ca.pem', '-CAkey', 'ca.key', ...newKey, '-subj', '/CN=localhost'],
      ...['-keyout', 'leaf.key', '-out', 'leaf.pem', '-addext', `subjectAltName=${subjects.join(',')}`],
      ...['-addext', 'basicConstraints=critical,CA:FALSE', '-addext', 'extendedKeyUsage=serverAuth'],
    );
    const ca = readFileSync(file('ca.pem'), 'utf8');
    return {
      ca,
      chain: readFileSync(file('leaf.pem'), 'utf8') + ca,
      key: readFileSync(file('leaf.key'), 'utf8'),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
