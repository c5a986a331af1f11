/** What holds for the tools that write, what each costs, and by name the cases in which its outcome may stay unknown. */

/** @typedef {{ name: string, annotations: { readOnlyHint: boolean } }} Tool */

/**
 * By tool: when a lost answer cannot be settled by looking. Whoever changes how a kind of change is looked for changes
 * this list.
 * @type {Readonly<Record<string, readonly string[]>>}
 */
export const UNKNOWN_CASES = {
  create_order: [
    'The search for it does not see everything: more than 2,000 orders in the half hour around the call, an order among them that cannot be read, or a list that changed while it was read.',
    'Another order of the same number and channel is there, without the mark of the change, or one of that time that is just like it and has lost its mark.',
  ],
  update_order: [
    'Somebody else changed the order meanwhile, and the touched fields are not as they were meant: the change may have been made and taken back.',
    'The order was deleted meanwhile.',
  ],
  move_orders: [
    'Order Desk leaves the history out where it is asked for one order and where it is searched for, or the history is full with 250 entries, and the order is not in the folder.',
    'The order is not in the folder, but its history has an entry of that time: it may have been moved in and away again, or only touched by somebody else.',
    'Of a request of more than 20 orders only a part is in the folder: of the others, 20 are read one by one, and the rest is not looked at. That nothing of it was moved is judged by the orders at its ends and by those with the lowest and highest ids: it is taken for granted that Order Desk moves one order after the other.',
    'The answer does not say what became of an order, and it is not in the folder, or not among the 20 that are read.',
    'Order Desk says error in HTTP 200 and nothing of each order, and looking does not tell.',
  ],
  add_order_note: [
    'In the history: Order Desk leaves the history out, or it is full with 250 entries and the note is not among them, or an entry of that time has its words and not its mark.',
    'For the staff: as for `update_order`.',
    'The order was deleted meanwhile.',
  ],
  add_shipments: [
    'The tracking number is `n/a`: such a shipment cannot be told from another.',
    'The order has a shipment with this number that differs in what was sent.',
    'The order was deleted meanwhile.',
    'Order Desk says error in HTTP 200 and nothing of each line, and looking does not tell.',
  ],
  update_inventory: [
    'Stock was sold, or the item changed, meanwhile: it does not name this change as its writer any more (somebody else wrote it since, or Order Desk does not keep the name), and it is not just as it was read, its date included.',
    'The call sets `update_source` itself, so that the item cannot name the change.',
    'The item was deleted, or has another code by now.',
    'Order Desk took the request, and the items cannot be read afterwards: it says nothing of the lines itself.',
  ],
  undo_change: [
    'As for the tool that does what the undo does: an undone update is an update, a removed item comes back by an addition.',
  ],
  add_order_item: [
    'The order was deleted meanwhile.',
    'Order Desk says that the item was added, and the order does not show it.',
    'An item just like it is in the order, without the mark of the change.',
  ],
  update_order_item: [
    'Somebody else changed the order meanwhile, and the touched fields are not as they were meant.',
    'The item or its order was removed meanwhile.',
  ],
  remove_order_item: ['The order was deleted meanwhile.'],
  update_shipment: [
    'Somebody else changed the order meanwhile, and the touched fields are not as they were meant.',
    'The shipment or its order was removed meanwhile.',
  ],
  delete_shipment: ['The order was deleted meanwhile.'],
  create_inventory_item: ['An item with this code is there that does not name this change as its writer.'],
  delete_inventory_item: [],
  delete_order: [],
};

/**
 * Requests of the plainest call of each tool; measured by a test of the whole product.
 * @type {readonly { tool: string, of?: string, requests: number }[]}
 */
export const COSTS = [
  { tool: 'create_order', requests: 2 },
  { tool: 'create_order', of: 'without a number', requests: 1 },
  { tool: 'update_order', requests: 2 },
  { tool: 'move_orders', requests: 1 },
  { tool: 'add_order_note', of: 'in the history', requests: 1 },
  { tool: 'add_order_note', of: 'for the staff', requests: 2 },
  { tool: 'add_shipments', requests: 2 },
  { tool: 'update_inventory', requests: 3 },
  { tool: 'undo_change', of: 'of an update', requests: 2 },
  { tool: 'undo_change', of: 'of a move', requests: 2 },
  { tool: 'add_order_item', requests: 2 },
  { tool: 'update_order_item', requests: 2 },
  { tool: 'remove_order_item', requests: 2 },
  { tool: 'update_shipment', requests: 2 },
  { tool: 'delete_shipment', requests: 2 },
  { tool: 'create_inventory_item', requests: 2 },
  { tool: 'delete_inventory_item', requests: 2 },
  { tool: 'delete_order', requests: 2 },
];

/** @param {readonly Tool[]} tools all there are */
export const writingSection = (tools) => `## What holds for those that write

How a write is made is told in [Writing](WRITES.md); this is what a caller needs.

**Dry run.** \`dry_run: true\` reads and compares as the call itself does, and answers \`preview\`: the fields before and after, what Order Desk will do
besides, the requests that the call will cost. Nothing is sent and nothing recorded. Ids of what would be made are \`new\`.

**Idempotency key.** \`idempotency_key\` is a text of the caller's own (1 to 200 characters). The same call with the same key is carried out once in 72
hours, for this API key and tool; a repeated one is answered from the ledger, with \`replayed: true\`, and costs no request. With other arguments it
is refused. What an answer calls \`not_sent\` (no time or API budget was left) is what the same call with the same key goes on with. Without a key, a
call that is repeated is a new change.

**Versions.** \`expected_version\` refuses a change (\`version_conflict\`) when the order is another than the one that was read; the error names
the version of now and the sections that differ. Without it, what stood in the fields is overwritten, and shown as \`before\`.

**Confirmation.** \`delete_order\`, and undoing a move or a delete, always need the \`confirmation_token\` of a dry run with the same arguments; keys can be
made to need it for moves, deletes or large batches. It is good for ten minutes, once, and only while what was previewed is as it was.

**Undo.** \`undo_change\` takes back the fields that a change touched, those alone, and is refused where one of them was changed since. It cannot take back
mail, what rules of the store did, history notes and new orders. An undo is a change of its own.

**Daily cap.** A key can have one for its effects at Order Desk in a UTC day: each line of a batch is one, an undo counts, dry runs and replays do not.
Above it, calls are refused with \`write_cap_reached\` before anything is sent.

**Outcomes.** \`applied\`; \`partly\`: see the lines; \`unchanged\`: it was so already; \`failed\`: nothing was changed; \`unknown\`: the answer of
Order Desk was lost, and looking has not told yet. A write is **never sent again** on that account: the server goes on looking, the same call with the
same key and \`list_changes\` tell what it found, and \`check\` says how to look oneself. Most are settled within minutes. It stays \`unknown\` for good
where looking cannot tell, in these cases alone:

| tool | a lost answer may stay unknown when |
| --- | --- |
${tools
  .filter(isWriting)
  .map(({ name }) => unknownRow(name))
  .join('\n')}

For every tool: when nobody can look for 24 hours (Order Desk away, its credential refused, the store removed), or the stored images cannot be opened any
more. Then a person can settle it ([\`changes settle\`](COMMANDS.md#changes)).

**What a write costs.** Requests to Order Desk, once the folders of the store are known (they are kept for a while); a dry run says the figure for its call,
and each answer what it was (\`api_calls\`).

| call | requests |
| --- | --- |
${COSTS.map(({ tool, of, requests }) => `| \`${tool}\`${of === undefined ? '' : ` ${of}`} | ${requests} |`).join('\n')}

Batches: \`move_orders\` takes one request for each 100 orders; \`add_shipments\` one for each 100 shipments, one for each partial shipment, and a read for each
order of up to 10, else for each line that was refused; \`update_inventory\` three for 100 codes, and a read for each item that is named by its id. A
\`move_orders\` that carries a \`confirmation_token\` reads each order of up to 10 again, and so does the undo of a move of up to 10: one request more for each.`;

/** Those of stores' settings change nothing at Order Desk. @param {Tool} tool */
const isWriting = ({ name, annotations }) => !annotations.readOnlyHint && Object.hasOwn(UNKNOWN_CASES, name);

/** @param {string} name */
function unknownRow(name) {
  const cases = UNKNOWN_CASES[name] ?? [];
  return `| \`${name}\` | ${cases.length === 0 ? 'Never: what is gone is gone.' : cases.join('<br>')} |`;
}
