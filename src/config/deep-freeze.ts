/** What was read once is changed by nobody. */

/** Freezes plain objects and arrays throughout; instances, such as a key ring with its bytes, keep to themselves. */
export function deepFreeze<T>(value: T): T {
  const plain =
    Array.isArray(value) || (isObject(value) && Object.getPrototypeOf(value) === Object.prototype);
  if (isObject(value) && plain) {
    for (const part of Object.values(value)) deepFreeze(part);
    Object.freeze(value);
  }
  return value;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
