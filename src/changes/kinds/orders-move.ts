/**
 * Moving orders to another folder, a hundred a request. Orders are not read for it: the folder they were in before comes
 * with Order Desk's answer, and only those that it leaves out are looked for. A dry run of a few reads them, and an undo checks that they are still where they were moved to.
 */
import { AppError } from '../../errors.js';
import { isRecord } from '../../orderdesk/parse/json.js';
import type { ChangeType, OpenStep, RecordedChange, Step, Surroundings } from '../change-type.js';
import type { Intents } from '../intents.js';
import type { ChangeLine } from '../port.js';
import { failedLine, movedLine, SAID } from './move-lines.js';
import { lookForMoves } from './move-look.js';
import {
  mostReads,
  type Place,
  type Places,
  placesInFolders,
  placesSingly,
  READ_SINGLY,
} from './move-places.js';
import { linesOfRefusal, linesOfReply } from './move-reply.js';

type Intent = Intents['orders_move'];
type StepLine = Step['lines'][number];

/** Order Desk's own maximum is not known. */
const CHUNK = 100;
const ID = /^[1-9]\d{0,15}$/;

export const ordersMove: ChangeType<'orders_move'> = {
  kind: 'orders_move',
  undoable: true,
  confirm: 'moves',

  locks: ({ orderIds }) => orderIds.map((id) => `order:${id}`),

  calls(intent, previewed = false) {
    const sent = destinations(intent).reduce((calls, [, ids]) => calls + Math.ceil(ids.length / CHUNK), 0);
    const { length } = intent.orderIds;
    if (intent.back !== undefined) return sent + mostReads(length);
    return sent + (previewed && length <= READ_SINGLY ? length : 0);
  },

  effects: ({ steps }) => steps.reduce((effects, { lines }) => effects + lines.length, 0),

  async plan(intent, around, done) {
    refuseOddIds(intent.orderIds);
    const { folders } = await around.storeView();
    const known = new Set(folders.map(({ id }) => id));
    if (intent.back === undefined && !known.has(intent.folderId)) throw new AppError('unknown_folder');
    const open = intent.orderIds.filter((_id, index) => !done.has(index));
    const places = await placesBefore(intent, open, around);
    const lines = intent.orderIds.map(
      (id, index) => done.get(index) ?? lineBefore(intent, id, places.get(id), known),
    );
    return {
      lines,
      steps: stepsOf(intent, lines, done),
      seen: open.flatMap((id) => seenOf(places.get(id))),
      remarks: [
        'Order Desk runs the rules of a folder on each order that is moved to it: mail and fulfilment that they start cannot be taken back.',
      ],
    };
  },

  read: async (step, body, around) => ({ lines: await linesOfReply(step, folderOf(step), body, around) }),

  refused: linesOfRefusal,

  look: (step, around) => lookForMoves(step, folderOf(step), around),

  besides: async ({ orderIds, back }, { steps }) =>
    steps.length > 0 && back === undefined && orderIds.length > READ_SINGLY
      ? [
          `The folders that orders are in now are read for up to ${READ_SINGLY} orders only; the answer to the move names them.`,
        ]
      : [],

  inverse,
};

/** Order ids go out as numbers, which must hold all their digits. */
function refuseOddIds(ids: readonly string[]): void {
  for (const [index, id] of ids.entries()) {
    const field = `order_ids.${index}`;
    if (!ID.test(id) || !Number.isSafeInteger(Number(id))) {
      throw new AppError('invalid_argument', 'An order id is a whole number.', { field });
    }
    if (ids.indexOf(id) !== index) {
      throw new AppError('invalid_argument', 'An order is named twice.', { field });
    }
  }
}

const backOf = ({ back }: Intent, id: string) =>
  back !== undefined && Object.hasOwn(back, id) ? back[id] : undefined;

const destinationOf = (intent: Intent, id: string): string => backOf(intent, id)?.to ?? intent.folderId;

/** Orders by the folder they go to, both in the order of the caller. */
function destinations(intent: Intent): readonly (readonly [folderId: string, ids: readonly string[]])[] {
  const groups = new Map<string, string[]>();
  for (const id of intent.orderIds) {
    const folderId = destinationOf(intent, id);
    groups.set(folderId, [...(groups.get(folderId) ?? []), id]);
  }
  return [...groups];
}

async function placesBefore(intent: Intent, ids: readonly string[], around: Surroundings): Promise<Places> {
  if (intent.back !== undefined) {
    const from = ids.flatMap((id) => backOf(intent, id)?.from ?? []);
    return placesInFolders(ids, [...new Set(from)], around);
  }
  return around.previewed === true && ids.length <= READ_SINGLY ? placesSingly(ids, around) : new Map();
}

const seenOf = (place: Place | undefined): string[] => (place?.at === 'folder' ? [place.seen] : []);

function lineBefore(
  intent: Intent,
  id: string,
  place: Place | undefined,
  known: ReadonlySet<string>,
): ChangeLine {
  const to = destinationOf(intent, id);
  if (place === undefined) return movedLine(id, undefined, to);
  if (place.at === 'nowhere') return failedLine(id, SAID.noSuchOrder);
  if (place.at === 'unread') return failedLine(id, SAID.notChecked);
  if (place.at === 'elsewhere') return failedLine(id, SAID.notThere);
  const from = backOf(intent, id)?.from;
  if (from !== undefined && place.folderId !== from) return failedLine(id, SAID.notThere);
  if (!known.has(to)) return failedLine(id, SAID.noSuchFolder);
  return movedLine(id, place.folderId ?? undefined, to);
}

function stepsOf(
  intent: Intent,
  lines: readonly ChangeLine[],
  done: ReadonlyMap<number, ChangeLine>,
): readonly Step[] {
  const meant = lines
    .map((line, index) => ({ index, line }))
    .filter(({ index, line }) => !done.has(index) && line.outcome === 'applied');
  return destinations(intent).flatMap(([folderId]) => {
    const going = meant.filter(({ line }) => destinationOf(intent, line.target.id ?? '') === folderId);
    return chunksOf(going).map((chunk) => stepOf(folderId, chunk));
  });
}

const chunksOf = (lines: readonly StepLine[]): readonly (readonly StepLine[])[] =>
  Array.from({ length: Math.ceil(lines.length / CHUNK) }, (_none, at) =>
    lines.slice(at * CHUNK, (at + 1) * CHUNK),
  );

function stepOf(folderId: string, lines: readonly StepLine[]): Step {
  const orderIds = lines.map(({ line }) => line.target.id ?? '');
  const body = JSON.stringify({
    order_id_list: orderIds.map(Number),
    destination_folder_id: Number(folderId),
  });
  return { request: { method: 'POST', route: '/move-orders', orderIds, body }, lines, probe: { folderId } };
}

function folderOf({ probe }: Step | OpenStep): string {
  if (isRecord(probe) && typeof probe.folderId === 'string') return probe.folderId;
  throw new AppError('internal', undefined, { cause: new Error('A move without its folder.') });
}

function inverse({ lines }: RecordedChange): ReturnType<ChangeType<'orders_move'>['inverse']> {
  const moved = lines.filter(({ outcome }) => outcome === 'applied');
  const back = new Map<string, { readonly from: string; readonly to: string }>();
  for (const { target, fields } of moved) {
    const [field] = fields;
    if (target.id !== null && typeof field?.before === 'string' && typeof field.after === 'string') {
      back.set(target.id, { from: field.after, to: field.before });
    }
  }
  const [first] = back.values();
  if (first === undefined) {
    throw new AppError('cannot_undo', 'Of no order is it known which folder it was moved from.');
  }
  const left = moved.length - back.size;
  return {
    kind: 'orders_move',
    intent: { orderIds: [...back.keys()], folderId: first.to, back: Object.fromEntries(back) },
    remarks: [
      'What the rules of the folder did when the orders were moved there is not taken back.',
      ...(left === 0 ? [] : [`Orders that stay, since the folder they were in is not known: ${left}.`]),
    ],
  };
}
