/* Runs in the one-file report: shows one page at a time, unpacks what its charts need when it is first shown, and saves files. */
/* global document, window, location, atob, Blob, Response, DecompressionStream, URL, drawChart */

const pages = [...document.querySelectorAll('[data-page]')];

/** The text of a packed element: gzip in base64. */
async function unpacked(id) {
  const packed = document.getElementById(id).textContent;
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).text();
}

const engines = new Map();

/** Runs a drawing library, once. Its text comes out of this file: nothing is fetched. */
function engine(kind) {
  const load = async () => {
    const script = document.createElement('script');
    script.textContent = await unpacked(`packed-${kind}`);
    document.head.append(script);
  };
  if (!engines.has(kind)) engines.set(kind, load());
  return engines.get(kind);
}

const contents = new Map();

/** Specifications and files of a page. */
function contentOf(page) {
  const { id } = page;
  if (!contents.has(id))
    contents.set(
      id,
      unpacked(`packed-${id}`).then((text) => JSON.parse(text)),
    );
  return contents.get(id);
}

async function draw(page) {
  const places = [...page.querySelectorAll('.chart:not([data-live])')];
  if (places.length === 0) return;
  for (const place of places) place.dataset.live = 'soon';
  try {
    const { specs } = await contentOf(page);
    for (const place of places) {
      await engine(place.dataset.kind);
      await drawChart(place, specs[place.id]);
    }
  } catch (error) {
    for (const place of places.filter(({ dataset }) => dataset.live === 'soon')) {
      place.dataset.live = 'no';
      const note = document.createElement('p');
      note.className = 'failure';
      note.textContent = `The live chart could not be drawn (${error.message}). Browsers since 2023 can; the picture and the data are in the zip of this report.`;
      place.append(note);
    }
  }
}

/** Shows the page that the address names, or that holds what it names; the first where it names nothing. */
function show() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const page = target?.closest('[data-page]') ?? pages[0];
  for (const each of pages) each.hidden = each !== page;
  document.title = page.dataset.page;
  if (target && target !== page) target.scrollIntoView();
  else window.scrollTo(0, 0);
  void draw(page);
}

/** Saves a packed file under its name. */
async function save(page, name) {
  const { files } = await contentOf(page);
  const type = name.endsWith('.svg') ? 'image/svg+xml' : 'text/csv';
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([files[name]], { type }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

document.addEventListener('click', (event) => {
  const button = event.target.closest('button');
  if (button?.dataset.file) void save(button.closest('[data-page]'), button.dataset.file);
  else if (button?.className === 'show-code') {
    const open = button.textContent === 'Show all code';
    for (const code of button.closest('[data-page]').querySelectorAll('details.code')) code.open = open;
    button.textContent = open ? 'Hide all code' : 'Show all code';
  }
});
window.addEventListener('hashchange', show);
show();
