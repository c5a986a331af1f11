/** A database, or a role in it, that the service must not run on as it is. The message is for the operator. */
export class DatabaseUnfit extends Error {
  override readonly name = 'DatabaseUnfit';
}
