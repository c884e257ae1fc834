/** YAML text → plain data that remembers where every value stood. For any YAML file we read. */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Node,
  type Pair,
  type YAMLError,
} from 'yaml';
import { ConfigError, dotted, type Finding, type Path } from './findings.ts';

export interface FilePlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface YamlDocument {
  readonly file: string;
  /** Plain data; undefined when the file holds nothing but comments. */
  readonly value: unknown;
  /**
   * Where the key's value stands (or, with `part: 'key'`, the key itself); for a key that is not in
   * the file, where the nearest thing above it stands. With `text`, where that text begins in it.
   */
  at(path: Path, part?: 'key' | 'value', text?: string): FilePlace;
}

// Far more than a configuration needs; aliases of aliases ("billion laughs") end here.
const nodesMax = 20_000;
const aliasesMax = 100;
const depthMax = 32;

type Range = readonly [start: number, end: number];

/**
 * Reads one YAML 1.2 document (core schema, unique keys, no tags). Throws {@link ConfigError} with
 * every syntax error in it; the text itself is never quoted, since secrets may stand in it.
 */
export function readYaml(text: string, file: string): YamlDocument {
  const lines = new LineCounter();
  const placeOf = (offset: number): FilePlace => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const document = parseDocument(text, {
    lineCounter: lines,
    uniqueKeys: true,
    schema: 'core',
    // Pretty errors quote the source.
    prettyErrors: false,
  });
  const broken = [...document.errors, ...document.warnings];
  if (broken.length > 0) {
    throw new ConfigError(syntaxFindings(broken, text, placeOf));
  }

  const reader = new Reader(placeOf);
  const value = document.contents === null ? undefined : reader.read(document.contents, []);
  if (reader.findings.length > 0) throw new ConfigError(reader.findings);

  return {
    file,
    value,
    at(path, part = 'value', wanted) {
      for (let length = path.length; length > 0; length -= 1) {
        const found = reader.ranges.get(JSON.stringify(path.slice(0, length)));
        if (!found) continue;
        const [start, end] = (part === 'key' && found.key) || found.value;
        const offset = wanted === undefined ? -1 : text.slice(start, end).indexOf(wanted);
        return placeOf(start + Math.max(offset, 0));
      }
      return placeOf(document.contents?.range?.[0] ?? 0);
    },
  };
}

/** What each of the parser's codes means to someone who writes settings. */
const syntaxWords: Partial<Record<YAMLError['code'], string>> = {
  DUPLICATE_KEY: 'this key is there twice in one mapping; keep one of them',
  TAB_AS_INDENT: 'a tab is used to indent; YAML allows spaces only',
  MULTIPLE_DOCS: 'a second document begins here ("---" or "..."); one is allowed',
  BAD_INDENT: 'the indentation does not fit the lines above, or a bracket is not closed',
  MISSING_CHAR: 'a quote, a bracket or a separating space is missing before this place',
  BAD_SCALAR_START: 'a plain value cannot begin with this character; put it in quotes',
  BLOCK_AS_IMPLICIT_KEY:
    'a second ": " stands on one line; put the value in quotes or on lines below',
  MULTILINE_IMPLICIT_KEY: 'a key without its ":"',
  TAG_RESOLVE_FAILED: 'a tag ("!…") is used; tags are not allowed',
  BAD_DIRECTIVE: 'a directive ("%…") is used; directives are not allowed',
  UNEXPECTED_TOKEN:
    'YAML does not expect this here; text with { } [ ] , # : may need quotes, so may ${NAME} in { }',
  BAD_DQ_ESCAPE: 'an escape that YAML does not know; write \\\\ for a backslash',
  RESOURCE_EXHAUSTION: `nested too deeply; ${depthMax} levels are allowed`,
};

function syntaxFindings(
  errors: readonly YAMLError[],
  text: string,
  placeOf: (offset: number) => FilePlace,
): Finding[] {
  // One slip makes the parser stumble several times: it is told once a line, five times at most.
  const byLine = new Map<number, Finding>();
  for (const { code, pos } of errors.toSorted((a, b) => a.pos[0] - b.pos[0])) {
    const place = placeOf(pos[0]);
    if (byLine.has(place.line)) continue;
    const message = syntaxWords[code] ?? `this is not valid YAML here (${code})`;
    const word = /^["']?([\w.-]+)/.exec(text.slice(pos[0], pos[0] + 64))?.[1] ?? '';
    byLine.set(place.line, { place, key: code === 'DUPLICATE_KEY' ? dotted([word]) : '', message });
  }
  return [...byLine.values()].slice(0, 5);
}

/** Walks the syntax tree once: values out, ranges noted, whatever is not plain data refused. */
class Reader {
  readonly findings: Finding[] = [];
  readonly ranges = new Map<string, { value: Range; key?: Range }>();
  readonly #placeOf: (offset: number) => FilePlace;
  readonly #anchors = new Map<string, Node>();
  readonly #open = new Set<Node>();
  #nodes = 0;
  #aliases = 0;

  constructor(placeOf: (offset: number) => FilePlace) {
    this.#placeOf = placeOf;
  }

  read(node: Node, path: Path, key?: Range): unknown {
    const range = rangeOf(node);
    this.ranges.set(JSON.stringify(path), { value: range, ...(key && { key }) });
    this.#nodes += 1;
    if (this.#nodes > nodesMax || path.length > depthMax) {
      return this.#refuse(range, path, 'too large: nested too deeply, or aliases of aliases');
    }
    if ('anchor' in node && node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    if (isAlias(node)) return this.#follow(node.source, range, path, key);
    if (isScalar(node)) return node.value;
    this.#open.add(node);
    const value = isMap(node) ? this.#mapping(node.items, path) : this.#list(node, path);
    this.#open.delete(node);
    return value;
  }

  #follow(name: string, range: Range, path: Path, key: Range | undefined): unknown {
    this.#aliases += 1;
    const target = this.#anchors.get(name);
    if (!target) {
      const message =
        'no anchor for this alias ("*…") stands above it; a text that begins with * needs quotes';
      return this.#refuse(range, path, message);
    }
    if (this.#open.has(target)) return this.#refuse(range, path, 'an alias of what it stands in');
    if (this.#aliases > aliasesMax) {
      return this.#refuse(range, path, `too many aliases; ${aliasesMax} are allowed`);
    }
    const value = this.read(target, path);
    // A finding about the value points to where it is used.
    this.ranges.set(JSON.stringify(path), { value: range, ...(key && { key }) });
    return value;
  }

  #mapping(pairs: readonly Pair[], path: Path): Record<string, unknown> {
    const value: Record<string, unknown> = {};
    for (const pair of pairs) {
      const keyNode = pair.key as Node;
      const range = rangeOf(keyNode);
      const name = isScalar(keyNode) ? String(keyNode.value) : undefined;
      if (name === undefined || name === '__proto__') {
        this.#refuse(range, path, 'a key must be a plain word');
        continue;
      }
      const below = [...path, name];
      if (pair.value === null || pair.value === undefined) {
        value[name] = null;
        this.ranges.set(JSON.stringify(below), { value: range, key: range });
      } else {
        value[name] = this.read(pair.value as Node, below, range);
      }
    }
    return value;
  }

  #list(node: Node, path: Path): unknown[] {
    if (!isSeq(node)) return [];
    return node.items.map((item, index) => this.read(item as Node, [...path, index]));
  }

  #refuse(range: Range, path: Path, message: string): undefined {
    // Once is enough: a bomb would otherwise be reported a thousand times.
    if (!this.findings.some((finding) => finding.message === message)) {
      this.findings.push({ place: this.#placeOf(range[0]), key: dotted(path), message });
    }
    return undefined;
  }
}

function rangeOf(node: Node): Range {
  return [node.range?.[0] ?? 0, node.range?.[1] ?? 0];
}
