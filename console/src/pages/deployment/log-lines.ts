export type LogLevel = 'TRACE' | 'DEBUG' | 'INFO' | 'WARN' | 'ERROR';

export interface LogLine {
  number: number;
  text: string;
  /** Of the line, or of the entry that it continues (a stack trace). */
  level?: LogLevel;
}

const LEVEL = /^(?:\S+ ){0,3}?\s*\[?(TRACE|DEBUG|INFO|WARN|ERROR|FATAL)\b/;
export const LEVELS: LogLevel[] = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR'];

/** The most lines that a page keeps; older ones are dropped. */
export const LINE_LIMIT = 20_000;

/** Cuts what arrives in pieces into lines, and knows the level of each. */
export class LogLines {
  readonly lines: LogLine[] = [];
  private rest = '';
  private next = 1;
  private level: LogLevel | undefined;
  /** Grows with every change, for who renders them. */
  version = 0;

  push(piece: string): void {
    const parts = (this.rest + piece).split(/\r?\n/);
    this.rest = parts.pop() ?? '';
    for (const text of parts) this.add(text);
    if (this.lines.length > LINE_LIMIT) this.lines.splice(0, this.lines.length - LINE_LIMIT);
    this.version += 1;
  }

  /** The last line has no end where the text has one. */
  end(): void {
    if (this.rest !== '') this.add(this.rest);
    this.rest = '';
    this.version += 1;
  }

  private add(text: string): void {
    const found = LEVEL.exec(text)?.[1];
    if (found) this.level = found === 'FATAL' ? 'ERROR' : (found as LogLevel);
    this.lines.push({ number: this.next, text, level: this.level });
    this.next += 1;
  }
}

/** Lines of at least that level in which the text occurs. */
export function filterLines(lines: readonly LogLine[], least: LogLevel | 'ALL', text: string): LogLine[] {
  const wanted = text.toLowerCase();
  const from = least === 'ALL' ? -1 : LEVELS.indexOf(least);
  return lines.filter(
    (line) =>
      (from < 0 || (line.level !== undefined && LEVELS.indexOf(line.level) >= from)) &&
      (wanted === '' || line.text.toLowerCase().includes(wanted)),
  );
}
