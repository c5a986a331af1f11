/** Before a tier that runs programs of `test/peers`: they are installed, once, before any of its files starts. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export default function setup(): void {
  const script = fileURLToPath(new URL('../../scripts/install-peers.mjs', import.meta.url));
  execFileSync(process.execPath, [script], { stdio: 'inherit' });
}
