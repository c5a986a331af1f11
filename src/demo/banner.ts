/** What a person reads after a start: where the server is, the key if it may be shown, and lines ready to paste. */

export interface BannerFacts {
  /** The MCP endpoint. */
  readonly url: string;
  /** What stands for the key in the lines: the key itself, or a shell expression that yields it. */
  readonly key: KeyShown;
  readonly sandbox: boolean;
  readonly dataDir: string;
}

export type KeyShown =
  /** Made just now and shown on a terminal, this once. */
  | { readonly kind: 'text'; readonly key: string }
  /** Made just now and written to a file, since nobody watches. */
  | { readonly kind: 'file'; readonly path: string }
  /** Made at an earlier start. */
  | { readonly kind: 'earlier' }
  /** Made by the operator, who has it. */
  | { readonly kind: 'own' };

export function banner({ url, key, sandbox, dataDir }: BannerFacts): string {
  const shell = inShell(key);
  const literal = key.kind === 'text' ? key.key : 'YOUR_KEY';
  const vsCode = JSON.stringify({ name: 'orderdesk', type: 'http', url, headers: authorization(literal) });
  const cursor = JSON.stringify({ mcpServers: { orderdesk: { url, headers: authorization(literal) } } });
  return [
    '',
    '  orderdesk-mcp is ready',
    '',
    `  URL   ${url}`,
    `  Key   ${keyLine(key)}`,
    `  Data  ${dataDir}`,
    ...(sandbox ? ['  The stores are a simulation: made-up orders, nothing leaves this machine.'] : []),
    '',
    '  Claude Code',
    `    claude mcp add --transport http orderdesk ${url} --header "Authorization: Bearer ${shell}"`,
    '  VS Code',
    `    code --add-mcp '${vsCode}'`,
    '  Cursor (.cursor/mcp.json)',
    `    ${cursor}`,
    '  MCP Inspector (Node 22.19 or newer)',
    `    npx @modelcontextprotocol/inspector --cli ${url} --transport http --header "Authorization: Bearer ${shell}" --method tools/list`,
    '',
    '',
  ].join('\n');
}

const authorization = (key: string) => ({ Authorization: `Bearer ${key}` });

function inShell(key: KeyShown): string {
  switch (key.kind) {
    case 'text':
      return key.key;
    case 'file':
      return `$(cat '${key.path.replaceAll("'", "'\\''")}')`;
    case 'earlier':
    case 'own':
      return 'YOUR_KEY';
  }
}

function keyLine(key: KeyShown): string {
  switch (key.kind) {
    case 'text':
      return `${key.key}   (shown this once)`;
    case 'file':
      return `in the file ${key.path}`;
    case 'earlier':
      return 'was given at the first start; another: npx orderdesk-mcp key create --tenant demo --name mine';
    case 'own':
      return 'make tenant, store and key with: npx orderdesk-mcp tenant create, store add, key create';
  }
}
