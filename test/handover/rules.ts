/** What RO-Crate 1.2 says a crate MUST have, as far as it can be told without JSON-LD expansion; for tests. */
import { createHash } from 'node:crypto';
import { CRATE_FILE, type Entity } from '../../lib/handover/crate.ts';

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : value === undefined ? [] : [value]);

const isReference = (value: unknown): value is { '@id': string } =>
  typeof value === 'object' && value !== null && typeof (value as { '@id'?: unknown })['@id'] === 'string';

const isText = (value: unknown): boolean => typeof value === 'string' && value.trim() !== '';

/**
 * What is wrong with a crate.
 * @param crate parsed ro-crate-metadata.json
 * @param files what lies beside it, by path
 */
export function crateFaults(crate: unknown, files: ReadonlyMap<string, Uint8Array>): string[] {
  const { '@context': context, '@graph': graph } = crate as { '@context'?: unknown; '@graph'?: Entity[] };
  if (!Array.isArray(graph)) return ['there is no @graph'];
  const faults: string[] = [];
  const check = (holds: boolean, fault: string) => void (holds || faults.push(fault));
  check(list(context).includes('https://w3id.org/ro/crate/1.2/context'), 'the context is not that of 1.2');
  const entities = new Map(graph.map((entity) => [entity['@id'], entity]));
  check(entities.size === graph.length, 'an @id is given twice');

  const descriptor = entities.get(CRATE_FILE);
  check(descriptor?.['@type'] === 'CreativeWork', 'the descriptor is no CreativeWork');
  check(
    list(descriptor?.['conformsTo']).some((to) => isReference(to) && to['@id'] === 'https://w3id.org/ro/crate/1.2'),
    'the descriptor conforms to nothing',
  );
  const about = descriptor?.['about'];
  const root = isReference(about) ? entities.get(about['@id']) : undefined;
  check(list(root?.['@type']).includes('Dataset'), 'the descriptor is about no Dataset');
  for (const name of ['name', 'description', 'datePublished']) check(isText(root?.[name]), `the root has no ${name}`);
  check(isReference(root?.['license']) || isText(root?.['license']), 'the root has no license');
  check(/^\d{4}(-\d\d(-\d\dT.+)?)?$/.test(String(root?.['datePublished'])), 'datePublished is no ISO 8601 date');

  for (const entity of graph) {
    const id = entity['@id'];
    check(list(entity['@type']).length > 0, `${id} has no type`);
    for (const [property, value] of Object.entries(entity)) {
      for (const each of list(value)) {
        if (typeof each !== 'object' || each === null) continue;
        check(isReference(each) && Object.keys(each).length === 1, `${id} ${property} nests an entity`);
        // Links to where the specification itself lies need no entity.
        if (isReference(each) && property !== 'conformsTo')
          check(entities.has(each['@id']), `${id} ${property} leads to ${each['@id']}, which is nowhere`);
      }
    }
    if (list(entity['@type']).some((type) => type === 'SoftwareApplication' || type === 'ComputerLanguage'))
      check(isText(entity['url']), `${id} has no url`);
  }

  const parts = new Set(list(root?.['hasPart']).flatMap((part) => (isReference(part) ? [part['@id']] : [])));
  for (const entity of graph.filter((each) => list(each['@type']).includes('File'))) {
    const id = entity['@id'];
    check(parts.has(id), `${id} is no part of the root`);
    check(!/[ \\]|^\//.test(id), `${id} is no relative URI`);
    const data = files.get(decodeURIComponent(id));
    check(data !== undefined, `${id} does not exist`);
    if (data === undefined) continue;
    check(entity['contentSize'] === String(data.byteLength), `${id} has another size`);
    check(entity['sha256'] === createHash('sha256').update(data).digest('hex'), `${id} has another checksum`);
  }
  const described = new Set([...parts].map(decodeURIComponent));
  for (const path of files.keys()) check(path === CRATE_FILE || described.has(path), `${path} is not described`);
  return faults;
}
