// The variables that a configuration sees (manual 2.3): a copy of the process's environment, changed by setenv and
// its kin line by line, so that a second reading of the same files starts from the same point.

export class Environment {
  private readonly values: Map<string, string>;
  /** `.FILE`, `.LINE` and `.SECTION` of the line being read. */
  file = '';
  line = 0;
  section = '';

  constructor(values: Iterable<readonly [string, string]>) {
    this.values = new Map(values);
  }

  static ofProcess(): Environment {
    const pairs: [string, string][] = [];
    for (const [name, value] of Object.entries(process.env))
      if (value !== undefined) pairs.push([name, value]);
    return new Environment(pairs);
  }

  get(name: string): string | undefined {
    if (name.charCodeAt(0) === 46) {
      if (name === '.FILE') return this.file;
      if (name === '.LINE') return String(this.line);
      if (name === '.SECTION') return this.section;
      return undefined;
    }
    return this.values.get(name);
  }

  set(name: string, value: string): void {
    this.values.set(name, value);
  }

  /** presetenv: only where it is not set yet. */
  preset(name: string, value: string): void {
    if (!this.values.has(name)) this.values.set(name, value);
  }

  unset(name: string): void {
    this.values.delete(name);
  }

  /** resetenv: keeps only the names given. */
  reset(names: readonly string[]): void {
    for (const name of this.values.keys()) if (!names.includes(name)) this.values.delete(name);
  }

  /** For another thread, and for `show env`. */
  entries(): [string, string][] {
    return [...this.values];
  }
}
