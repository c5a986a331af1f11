/**
 * What the operator's commands do. An operation takes and returns plain JSON values, so that it works alike in the
 * process of the command and through the socket of a running server; it checks its own input.
 */
import { z } from 'zod';
import { AppError } from '../../errors.js';

export interface Operation<Input extends z.ZodType, Output> {
  readonly input: Input;
  /** @throws AppError `invalid_argument` with the field at fault; whatever the operation names */
  run(input: z.input<Input>): Promise<Output>;
}

/** For an operation that needs to be told nothing. */
export const noInput = z.strictObject({});

export function operation<Input extends z.ZodType, Output>(
  input: Input,
  perform: (input: z.output<Input>) => Promise<Output>,
): Operation<Input, Output> {
  return {
    input,
    async run(given) {
      const parsed = input.safeParse(given);
      if (!parsed.success) throw inputError(parsed.error);
      return perform(parsed.data);
    },
  };
}

/** Messages are those of the schemas; none of them repeats what was given, which may be a secret. */
function inputError(error: z.ZodError): AppError {
  const problems = error.issues.map((issue) => ({
    field: issue.path.map(String).join('.') || 'input',
    message: issue.code === 'unrecognized_keys' ? `unknown: ${issue.keys.join(', ')}` : issue.message,
  }));
  const text = problems.map(({ field, message }) => `${field}: ${message}.`).join(' ');
  const [first] = problems;
  return new AppError('invalid_argument', text, first === undefined ? {} : { field: first.field });
}
