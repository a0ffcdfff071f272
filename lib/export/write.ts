/** Runs into a folder in the format of another tool. */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { csvFormat } from 'd3-dsv';
import { parquetWriteBuffer, type ColumnSource } from 'hyparquet-writer';
import type { Run } from '../runs/index.ts';
import { mlflowFiles } from './mlflow.ts';
import { columnsOf, measureTable, runTable, type Table, type Value } from './tables.ts';
import { eventFile } from './tensorboard.ts';

export const FORMATS = ['parquet', 'csv', 'tensorboard', 'mlflow'] as const;
export type Format = (typeof FORMATS)[number];

/** Writes a file whole or not at all. */
function write(file: string, content: string | Uint8Array): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.tmp`, content);
  renameSync(`${file}.tmp`, file);
}

function csv(table: Table): string {
  const names = columnsOf(table);
  return csvFormat(
    table.map((row) => Object.fromEntries(names.map((name) => [name, String(row[name] ?? '')]))),
    names,
  );
}

/** Whole columns of whole numbers are INT64, other numbers DOUBLE; a column of several types is text. */
function parquet(table: Table): Uint8Array {
  const columnData = columnsOf(table).map((name): ColumnSource => {
    const values = table.map((row) => row[name]);
    const kinds = new Set(values.filter((value) => value !== undefined).map((value) => typeof value));
    const isWhole = (value: Value): boolean => value === undefined || Number.isSafeInteger(value);
    if (kinds.size > 1)
      return {
        name,
        data: values.map((value) => (value === undefined ? null : String(value))),
        type: 'STRING',
        nullable: true,
      };
    if (kinds.has('boolean'))
      return { name, data: values.map((value) => value ?? null), type: 'BOOLEAN', nullable: true };
    if (kinds.has('string'))
      return { name, data: values.map((value) => value ?? null), type: 'STRING', nullable: true };
    if (values.every(isWhole))
      return {
        name,
        data: values.map((value) => (value === undefined ? null : BigInt(value as number))),
        type: 'INT64',
        nullable: true,
      };
    return { name, data: values.map((value) => value ?? null), type: 'DOUBLE', nullable: true };
  });
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}

/** Writes runs into `folder`, replacing files of an earlier export of the same runs; returns how many files. */
export function exportRuns(runs: readonly Run[], format: Format, folder: string): number {
  const files = new Map<string, string | Uint8Array>();
  switch (format) {
    case 'csv':
    case 'parquet': {
      const content = format === 'csv' ? csv : parquet;
      files.set(`runs.${format}`, content(runTable(runs)));
      files.set(`measures.${format}`, content(measureTable(runs)));
      break;
    }
    case 'tensorboard':
      for (const run of runs) {
        const { sweep, preset, startedAt, hash } = run.header;
        const name = run.file.slice(run.file.lastIndexOf('/') + 1).replace(/\.jsonl$/, '');
        const stamp = Math.floor(Date.parse(startedAt) / 1000);
        files.set(`${sweep}/${preset}/${name}/events.out.tfevents.${stamp}.${hash.slice(0, 8)}`, eventFile(run));
      }
      break;
    case 'mlflow':
      for (const [file, text] of mlflowFiles(runs, folder)) files.set(file, text);
      break;
  }
  for (const [file, content] of files) write(join(folder, file), content);
  return files.size;
}
