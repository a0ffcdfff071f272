/** A vega-lite chart as a value that every front end can show: live where it can be, as SVG, PNG or words elsewhere. */

import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { crc32, deflateSync } from 'node:zlib';
import { Resvg } from '@resvg/resvg-js';
import * as vega from 'vega';
import { compile } from 'vega-lite';
import type { TopLevelSpec } from 'vega-lite';
import { theme } from './theme.ts';

/** JupyterLab 4 carries vega-lite 5; the charts here keep to what 5 and 6 share. */
export const VEGA_LITE_MIME = 'application/vnd.vegalite.v5+json';
const SCHEMA = 'https://vega.github.io/schema/vega-lite/v5.json';

const FONT_FILES = ['400Regular/Inter_400Regular', '500Medium/Inter_500Medium', '600SemiBold/Inter_600SemiBold'].map(
  (name) => fileURLToPath(import.meta.resolve(`@expo-google-fonts/inter/${name}.ttf`)),
);
/** The PNG has twice the SVG's pixels, but no more than this in width: a workbook carries several and stays below 1 MB. */
const PNG_WIDTH = 840;

/** Data by MIME type, as Jupyter's display messages carry it: JSON types as values, images as text or base64. */
export type MimeBundle = Record<string, unknown>;

/** There are no values to draw: a workbook says so in the chart's place. */
export class NothingToDraw extends Error {
  override readonly name = 'NothingToDraw';
}

export interface ChartOptions {
  /** What the chart shows, in words, for those who do not see it and where no picture can be shown. */
  alt: string;
}

/** Made by `chart`: a specification with its static pictures. Shows itself as the value of a notebook cell. */
export class Chart {
  readonly spec: TopLevelSpec;
  readonly alt: string;
  readonly svg: string;
  readonly png: Uint8Array;

  constructor(spec: TopLevelSpec, alt: string, svg: string, png: Uint8Array) {
    this.spec = spec;
    this.alt = alt;
    this.svg = svg;
    this.png = png;
  }

  /** What Jupyter shows: never HTML or plain JSON beside, which front ends would prefer to the live chart. */
  [Symbol.for('Jupyter.display')](): MimeBundle {
    return {
      [VEGA_LITE_MIME]: this.spec,
      'image/svg+xml': this.svg,
      'image/png': Buffer.from(this.png).toString('base64'),
      'text/plain': this.alt,
    };
  }

  /** Writes the chart to a file, as SVG, PNG or vega-lite JSON by its ending. */
  async save(file: string): Promise<void> {
    if (file.endsWith('.svg')) await writeFile(file, this.svg);
    else if (file.endsWith('.png')) await writeFile(file, this.png);
    else if (file.endsWith('.json')) await writeFile(file, `${JSON.stringify(this.spec, undefined, 2)}\n`);
    else throw new Error(`cannot save a chart as ${file}: name it .svg, .png or .json`);
  }
}

/** Gives a vega-lite specification this project's look and draws it, without a browser. Throws what vega finds wrong with it. */
export async function chart(spec: TopLevelSpec, { alt }: ChartOptions): Promise<Chart> {
  const full = { $schema: SCHEMA, description: alt, ...spec, config: { ...theme, ...spec.config } };
  const whole = compact(full) as TopLevelSpec;
  const svg = await renderSvg(whole, alt);
  return new Chart(whole, alt, svg, renderPng(svg));
}

/** Tables shorter than this stay lists of objects, as people write them. */
const LONG = 20;

/**
 * A specification with its long tables as CSV text: a notebook is written with every value of a list on a line of its own, which would make
 * it several times as large.
 */
function compact(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(compact);
  if (typeof part !== 'object' || part === null) return part;
  return Object.fromEntries(
    Object.entries(part).map(([key, value]) => [key, key === 'data' ? asCsv(value) : compact(value)]),
  );
}

function asCsv(data: unknown): unknown {
  const rows = (data as { values?: unknown }).values;
  if (!Array.isArray(rows) || rows.length < LONG) return data;
  const table = rows as Record<string, unknown>[];
  const names = [...new Set(table.flatMap((row) => Object.keys(row)))];
  const parse: Record<string, string> = {};
  for (const name of names) {
    const kinds = new Set(
      table
        .map((row) => row[name] ?? undefined)
        .filter((value) => value !== undefined)
        .map((value) => typeof value),
    );
    const kind = [...kinds][0] ?? 'number';
    // Objects, and columns of several kinds, are nothing that CSV can carry.
    if (kinds.size > 1 || !['number', 'string', 'boolean'].includes(kind)) return data;
    parse[name] = kind;
  }
  const field = (value: unknown) =>
    typeof value === 'string' && /[",\n]/.test(value)
      ? `"${value.replaceAll('"', '""')}"`
      : String((value as number | undefined) ?? '');
  const values = [names, ...table.map((row) => names.map((name) => row[name]))]
    .map((row) => row.map(field).join(','))
    .join('\n');
  return { values, format: { type: 'csv', parse } };
}

// Without a canvas vega takes letters for 0.8 of their height wide, and leaves gaps; Inter's are 0.56 on average.
const { textMetrics } = vega as unknown as {
  textMetrics: { width: (item: { fontSize?: number }, text: string | number | null) => number };
};
textMetrics.width = (item, text) => 0.56 * (item.fontSize ?? 11) * (text ?? '').toString().length;

/** A round point as vega draws it: as a path of two arcs, three times as long as what it is. */
const CIRCLE = /<path transform="translate\(([-\d.]+),([-\d.]+)\)" d="M([\d.]+),0A[^"]*"/g;

/** A static picture of a vega-lite specification, with the alternative text as its title. */
export async function renderSvg(spec: TopLevelSpec, alt: string): Promise<string> {
  const warnings: string[] = [];
  const note = (...parts: readonly unknown[]) => void warnings.push(parts.map(String).join(' '));
  const logger = {
    level: () => logger,
    error: (...parts: readonly unknown[]) => (note(...parts), logger),
    warn: (...parts: readonly unknown[]) => (note(...parts), logger),
    info: () => logger,
    debug: () => logger,
  };
  // One text describes the picture; a label on every mark would only make it ten times as large.
  const { spec: compiled } = compile(spec, { config: { aria: false }, logger });
  const view = new vega.View(vega.parse(compiled), { renderer: 'none', logger });
  const svg = await view.toSVG();
  view.finalize();
  // A chart that vega only warns about is a chart that shows something else than meant.
  if (warnings.length > 0) throw new Error(`vega-lite does not accept the chart as it stands: ${warnings.join('; ')}`);
  const title = alt.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
  // A picture has one role and one text; vega gives every group its own all the same.
  return svg
    .replaceAll(/ (?:role|aria-[a-z]+)="[^"]*"/g, '')
    .replace(/^<svg /, `<svg role="img" aria-label="${title}" `)
    .replaceAll(/ (?:d|transform|x[12]?|y[12]?)="[^"]*"/g, (geometry) =>
      geometry.replaceAll(/\d+\.\d{2,}/g, (number) => String(Number(Number(number).toFixed(1)))),
    )
    .replaceAll(CIRCLE, '<circle cx="$1" cy="$2" r="$3"')
    .replaceAll(' opacity="1"', '');
}

/** An SVG as PNG at up to twice its size, with the font that this package brings: the same on every machine. */
export function renderPng(svg: string): Uint8Array {
  const width = Number(/ width="([\d.]+)"/.exec(svg)?.[1] ?? PNG_WIDTH);
  const image = new Resvg(svg, {
    fitTo: { mode: 'zoom', value: Math.min(2, PNG_WIDTH / width) },
    font: { loadSystemFonts: false, fontFiles: FONT_FILES, defaultFontFamily: 'Inter', sansSerifFamily: 'Inter' },
  });
  const { pixels, width: across, height } = image.render();
  return opaquePng(pixels, across, height);
}

/** RGB without an alpha channel, compressed as far as zlib goes: a third smaller than what resvg writes. `pixels` are RGBA and opaque. */
function opaquePng(pixels: Uint8Array, width: number, height: number): Uint8Array {
  const rows = new Uint8Array(height * (1 + 3 * width)); // each row begins with its filter, 0
  for (let y = 0, to = 0; y < height; y++) {
    to++;
    for (let from = 4 * width * y; from < 4 * width * (y + 1); from += 4) {
      rows[to++] = pixels[from]!;
      rows[to++] = pixels[from + 1]!;
      rows[to++] = pixels[from + 2]!;
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2], 8); // 8 bits, RGB
  const chunk = (type: string, data: Uint8Array) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const ends = Buffer.alloc(8);
    ends.writeUInt32BE(data.length, 0);
    ends.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
  };
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const data = chunk('IDAT', deflateSync(rows, { level: 9 }));
  return Buffer.concat([signature, chunk('IHDR', header), data, chunk('IEND', new Uint8Array())]);
}
