/** A value that no log, message or JSON may show by accident. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** For the one place that sends it. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '(not shown)';
  }

  toJSON(): string {
    return this.toString();
  }
}
