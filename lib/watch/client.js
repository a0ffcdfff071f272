/* Runs in the page of `npm run watch`, and in one frozen into a file. */
/* global document, location, Plotly, fetch, setTimeout, requestAnimationFrame, getComputedStyle */

/** Curves drawn at once; the table lists all. More are slow and tell nothing. */
const DRAWN = 200;
/** Runs whose curves are held for groups. */
const MEMBERS = 1000;
const POLL_MS = 1500;
const ROW_PX = 26;
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#56b4e9', '#b8860b', '#7f5fc4', '#8c959f'];
const X = { step: 'step', epoch: 'epoch', seconds: 'seconds', pace: 'η λ × step' };
const Y = {
  testAccuracy: 'test accuracy',
  trainAccuracy: 'training accuracy',
  testLoss: 'test loss',
  trainLoss: 'training loss',
  l2Norm: 'sum of squares of the weights',
};
const STATES = ['running', 'finished', 'diverged', 'stopped', 'interrupted', 'failed', 'unreadable'];
const OVER = new Set(['finished', 'diverged']);

const $ = (id) => document.getElementById(id);
const element = (name, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
};

const rows = new Map();
const curves = new Map();
/** Rows that changed since their curve was asked for. */
const stale = new Set();
const chosen = new Set();
const frozen = $('frozen') ? JSON.parse($('frozen').textContent) : undefined;
const sort = { key: 'name', descending: false };
let version = -1;
let listed = [];
let lastContact = Date.now();

/* What is shown of a run: fields of its row, then settings. */
const FIELDS = [
  'state',
  'step',
  'steps',
  'seconds',
  'left',
  'best',
  'testAccuracy',
  'trainAccuracy',
  'testLoss',
  'resumes',
];
const valueOf = (row, key) => (key in row.settings ? row.settings[key] : row[key]);

/** Settings that differ among all runs; eta, lambda and seed always. */
function varying() {
  const values = new Map();
  for (const { settings } of rows.values())
    for (const [key, value] of Object.entries(settings)) {
      if (!values.has(key)) values.set(key, new Set());
      values.get(key).add(value);
    }
  const differing = [...values].filter(([, set]) => set.size > 1).map(([key]) => key);
  const first = ['eta', 'lambda', 'seed'].filter((key) => values.has(key));
  return [...first, ...differing.filter((key) => !first.includes(key) && key !== 'steps')];
}

/* ---------- filter and sort ---------- */

const TESTS = {
  '=': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

/** Tests that a row must pass; a word alone is looked for in its name, sweep and state. */
function filters(text) {
  return text
    .split(/\s+/)
    .filter(Boolean)
    .map((term) => {
      const parts = /^([\w.]+)(!=|<=|>=|=|<|>)(.+)$/.exec(term);
      if (!parts) return (row) => `${row.name} ${row.sweep} ${row.preset} ${row.state} ${row.note}`.includes(term);
      const [, key, operator, wanted] = parts;
      const known = [...rows.values()].some((row) => valueOf(row, key) !== undefined);
      if (!known && rows.size > 0)
        throw new RangeError(`no run has ${key}: there are ${[...varying(), ...FIELDS].join(', ')}`);
      const number = Number(wanted);
      return (row) => {
        const value = valueOf(row, key);
        if (value === undefined || value === null) return false;
        return typeof value === 'number' && !Number.isNaN(number)
          ? TESTS[operator](value, number)
          : TESTS[operator](String(value), wanted);
      };
    });
}

function compare(a, b) {
  const [x, y] = [valueOf(a, sort.key), valueOf(b, sort.key)];
  // What is not there comes last either way.
  if (x === null || x === undefined) return y === null || y === undefined ? 0 : 1;
  if (y === null || y === undefined) return -1;
  const order =
    typeof x === 'number' && typeof y === 'number'
      ? x - y
      : String(x).localeCompare(String(y), 'en', { numeric: true });
  return sort.descending ? -order : order;
}

function choose() {
  $('filter-fault').textContent = '';
  let tests = [];
  try {
    tests = filters($('filter').value);
  } catch (error) {
    $('filter-fault').textContent = error.message;
  }
  listed = [...rows.values()].filter((row) => tests.every((test) => test(row))).sort(compare);
}

/* ---------- table ---------- */

const digits = (value) => (typeof value === 'number' ? String(Number(value.toPrecision(4))) : String(value));

function duration(seconds) {
  if (seconds < 60) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

function cellText(row, key) {
  const value = valueOf(row, key);
  if (value === null || value === undefined) return '–';
  if (key === 'seconds' || key === 'left') return duration(value);
  return typeof value === 'number' ? digits(value) : value;
}

let columns = [];

function drawHead() {
  const several = new Set([...rows.values()].map(({ sweep, preset }) => `${sweep}/${preset}`)).size > 1;
  const next = [...(several ? ['sweep', 'preset'] : []), ...varying(), ...FIELDS, 'note'];
  const text = JSON.stringify([next, sort]);
  if (drawHead.last === text) return;
  drawHead.last = text;
  columns = next;
  const heads = columns.map((key) => {
    const mark = sort.key === key ? (sort.descending ? ' ▼' : ' ▲') : '';
    const button = element('button', { type: 'button', textContent: `${key}${mark}` });
    button.addEventListener('click', () => {
      sort.descending = sort.key === key ? !sort.descending : false;
      sort.key = key;
      void show();
    });
    const head = element('th', { scope: 'col' }, button);
    head.ariaSort = sort.key === key ? (sort.descending ? 'descending' : 'ascending') : 'none';
    return head;
  });
  $('table')
    .querySelector('thead')
    .replaceChildren(element('tr', {}, element('th'), ...heads));
}

/** Only the rows in view are in the page: thousands scroll like tens. */
function drawRows() {
  const place = $('table');
  const first = Math.max(0, Math.floor(place.scrollTop / ROW_PX) - 10);
  const count = Math.ceil(place.clientHeight / ROW_PX) + 20;
  const seen = listed.slice(first, first + count);
  const spacer = (height) => {
    const cell = element('td', { colSpan: columns.length + 1 });
    cell.style.height = `${height}px`;
    cell.style.padding = '0';
    return element('tr', { ariaHidden: 'true' }, cell);
  };
  const lines = seen.map((row) => {
    const box = element('input', { type: 'checkbox', checked: chosen.has(row.id), ariaLabel: `choose ${row.name}` });
    box.addEventListener('change', () => {
      if (box.checked) chosen.add(row.id);
      else chosen.delete(row.id);
      void show();
    });
    const cells = columns.map((key) => element('td', { textContent: cellText(row, key) }));
    const line = element(
      'tr',
      { title: [row.name, row.message, row.note, row.file].filter(Boolean).join('\n') },
      element('td', {}, box),
      ...cells,
    );
    line.dataset.state = row.state;
    line.style.height = `${ROW_PX}px`;
    return line;
  });
  place
    .querySelector('tbody')
    .replaceChildren(
      spacer(first * ROW_PX),
      ...lines,
      spacer(Math.max(0, listed.length - first - seen.length) * ROW_PX),
    );
}

/* ---------- difference ---------- */

function leaves(value, path = '') {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { [path]: JSON.stringify(value) };
  return Object.assign(
    {},
    ...Object.entries(value).map(([key, member]) => leaves(member, path ? `${path}.${key}` : key)),
  );
}

function drawDifference() {
  const two = [...chosen].map((id) => rows.get(id)).filter(Boolean);
  const place = $('difference');
  place.hidden = two.length !== 2;
  if (place.hidden) return;
  const [a, b] = two.map((row) => leaves({ sweep: row.sweep, preset: row.preset, ...row.config }));
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((key) => a[key] !== b[key]).sort();
  const line = (...cells) => element('tr', {}, ...cells.map((text) => element('td', { textContent: text })));
  const head = element(
    'tr',
    {},
    ...['setting', two[0].name, two[1].name].map((textContent) => element('th', { textContent })),
  );
  place
    .querySelector('div')
    .replaceChildren(
      keys.length === 0
        ? element('p', { textContent: 'none: their configurations are equal' })
        : element('table', {}, head, ...keys.map((key) => line(key, a[key] ?? '–', b[key] ?? '–'))),
    );
}

/* ---------- curves ---------- */

/** Runs to draw: those chosen, then evenly from the list. */
function drawnRows() {
  const first = listed.filter(({ id }) => chosen.has(id));
  const rest = listed.filter(({ id }) => !chosen.has(id));
  const room = ($('group').checked ? MEMBERS : DRAWN) - first.length;
  const step = Math.max(1, rest.length / Math.max(1, room));
  const some = [];
  for (let i = 0; i < rest.length && some.length < room; i += step) some.push(rest[Math.floor(i)]);
  return [...first, ...some];
}

async function fetchCurves(wanted) {
  const missing = wanted.filter(({ id }) => !curves.has(id) || stale.has(id)).map(({ id }) => id);
  if (missing.length === 0) return;
  for (const id of missing) stale.delete(id);
  for (const curve of await ask(`/curves?ids=${missing.join(',')}`)) curves.set(curve.id, curve);
}

function smooth(values, width) {
  if (width <= 1) return values;
  const half = (width - 1) / 2;
  return values.map((value, i) => {
    if (value === null) return null;
    const near = values.slice(Math.max(0, i - half), i + half + 1).filter((each) => each !== null);
    return near.reduce((sum, each) => sum + each, 0) / near.length;
  });
}

/** The curve of a run as it is drawn. */
function pointsOf(row) {
  const curve = curves.get(row.id);
  if (!curve) return undefined;
  const [x, y] = [$('x').value, $('y').value];
  const rate = (row.settings.eta ?? 1) * (row.settings.lambda ?? 1);
  return {
    x: x === 'pace' ? curve.step.map((step) => step * rate) : curve[x],
    y: smooth(curve[y], Number($('smoothing').value)),
    step: curve.step,
  };
}

/** Runs that differ in their seed alone. */
function groupsOf(shown) {
  const keys = varying().filter((key) => key !== 'seed');
  const groups = new Map();
  for (const row of shown) {
    const key = JSON.stringify([row.sweep, row.preset, row.steps, ...keys.map((name) => row.settings[name])]);
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(row);
  }
  return [...groups.values()].slice(0, DRAWN);
}

/** Mean, least and greatest at the steps that all members have measured. */
function bandOf(members) {
  const all = members.map(pointsOf).filter(Boolean);
  if (all.length === 0) return undefined;
  const at = all.map(({ step, x, y }) => new Map(step.map((each, i) => [each, { x: x[i], y: y[i] }])));
  const steps = all[0].step.filter((step) => at.every((points) => (points.get(step)?.y ?? null) !== null));
  const values = steps.map((step) => at.map((points) => points.get(step).y));
  const mean = (list) => list.reduce((sum, each) => sum + each, 0) / list.length;
  return {
    x: steps.map((step) => mean(at.map((points) => points.get(step).x))),
    y: values.map(mean),
    low: values.map((list) => Math.min(...list)),
    high: values.map((list) => Math.max(...list)),
  };
}

function coloursOf(shown) {
  const key = $('colour').value;
  const values = [...new Set(shown.map((row) => valueOf(row, key)))].sort((a, b) =>
    typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b)),
  );
  return new Map(values.map((value, i) => [value, COLOURS[i % COLOURS.length]]));
}

const escaped = (text) => String(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;');

function tracesOf(shown) {
  const key = $('colour').value;
  const colours = coloursOf(shown);
  const inLegend = new Set();
  const legend = (row) => {
    const value = valueOf(row, key);
    const isFirst = !inLegend.has(value) && inLegend.size < 20;
    inLegend.add(value);
    return {
      name: `${key} = ${escaped(value ?? '–')}`,
      legendgroup: String(value),
      showlegend: isFirst,
      legendrank: [...colours.keys()].indexOf(value),
    };
  };
  const base = (row) => ({ type: 'scatter', mode: 'lines', ...legend(row) });
  if (!$('group').checked)
    return shown.flatMap((row) => {
      const points = pointsOf(row);
      if (!points) return [];
      const line = { color: colours.get(valueOf(row, key)), width: chosen.has(row.id) ? 3.5 : 1.3 };
      return [
        {
          ...base(row),
          x: points.x,
          y: points.y,
          line,
          hovertemplate: `${escaped(row.name)}<br>%{x:.4~g}: %{y:.4~g}<extra></extra>`,
        },
      ];
    });
  return groupsOf(shown).flatMap((members) => {
    const band = bandOf(members);
    if (!band) return [];
    const [row] = members;
    const color = colours.get(valueOf(row, key));
    const name = row.name.replace(/,?seed=\d+/, '');
    const area = {
      ...{
        type: 'scatter',
        mode: 'lines',
        line: { width: 0 },
        fill: 'toself',
        fillcolor: `${color}33`,
        hoverinfo: 'skip',
      },
      ...{ x: [...band.x, ...band.x.toReversed()], y: [...band.high, ...band.low.toReversed()] },
      ...{ showlegend: false, legendgroup: String(valueOf(row, key)) },
    };
    const mean = {
      ...base(row),
      x: band.x,
      y: band.y,
      line: { color, width: 2 },
      hovertemplate: `${escaped(name)}, ${members.length} seeds<br>%{x:.4~g}: %{y:.4~g}<extra></extra>`,
    };
    return members.length > 1 ? [area, mean] : [mean];
  });
}

async function drawChart() {
  const shown = drawnRows();
  if (!frozen) await fetchCurves(shown);
  const ink = getComputedStyle(document.body).color;
  const axis = (title, log) => ({
    title: { text: title },
    type: log ? 'log' : 'linear',
    gridcolor: '#8884',
    zeroline: false,
    automargin: true,
  });
  const layout = {
    ...{ paper_bgcolor: 'rgba(0,0,0,0)', plot_bgcolor: 'rgba(0,0,0,0)', font: { color: ink, size: 12 } },
    ...{
      margin: { l: 60, r: 10, t: 10, b: 45 },
      hovermode: 'closest',
      uirevision: `${$('x').value} ${$('y').value} ${$('x-log').checked} ${$('y-log').checked}`,
    },
    xaxis: axis(X[$('x').value], $('x-log').checked),
    yaxis: axis(Y[$('y').value], $('y-log').checked),
  };
  const traces = tracesOf(shown);
  await Plotly.react($('chart'), traces, layout, {
    responsive: true,
    displaylogo: false,
    showSendToCloud: false,
    plotlyServerURL: '',
  });
  const what = $('group').checked
    ? `${groupsOf(shown).length} groups of ${shown.length} runs, the mean of the seeds and a band from the least to the greatest`
    : `${shown.length} curves`;
  $('drawn').textContent =
    shown.length < listed.length ? `${what}; ${listed.length} runs are listed: filter to see others` : what;
  $('chart').dataset.curves = String(shown.length);
}

/* ---------- all of it ---------- */

function drawStatus() {
  const all = [...rows.values()];
  const count = (state) => all.filter((row) => row.state === state).length;
  const counts = STATES.map((state) => [state, count(state)]).filter(([, n]) => n > 0);
  const left = Math.max(0, ...all.map((row) => row.left ?? 0));
  const over = all.filter(({ state }) => OVER.has(state)).length;
  const words = [
    `${over} of ${all.length} runs are over`,
    ...counts.map(([state, n]) => `${n} ${state}`),
    ...(left > 0 ? [`those running end in about ${duration(left)}`] : []),
    ...(listed.length < all.length ? [`${listed.length} listed`] : []),
  ];
  if (frozen) words.push(`as of ${frozen.at}`);
  else if (Date.now() - lastContact > 4 * POLL_MS)
    words.push('the server does not answer: is npm run watch still there?');
  $('status').textContent = words.join(' · ');
}

function options(select, entries, first) {
  const before = select.value || first;
  const text = JSON.stringify(entries);
  if (select.dataset.entries === text) return;
  select.dataset.entries = text;
  select.replaceChildren(...entries.map(([value, label]) => element('option', { value, textContent: label })));
  if (entries.some(([value]) => value === before)) select.value = before;
}

let drawing = false;
let again = false;

/** Everything anew from what is known; while it is drawn, further calls become one. */
async function show() {
  const names = varying();
  options(
    $('colour'),
    [...names, 'state', 'sweep', 'preset'].map((key) => [key, key]),
    'lambda',
  );
  $('smoothing-value').textContent = $('smoothing').value;
  choose();
  drawHead();
  drawRows();
  drawStatus();
  drawDifference();
  if (drawing) {
    again = true;
    return;
  }
  drawing = true;
  try {
    await drawChart();
  } catch (error) {
    $('drawn').textContent = `the curves could not be drawn: ${error.message}`;
  } finally {
    drawing = false;
    if (again) {
      again = false;
      requestAnimationFrame(() => void show());
    }
  }
}

const token = new URLSearchParams(location.search).get('token') ?? '';

async function ask(path) {
  const response = await fetch(path, { headers: { 'X-Token': token } });
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}

async function poll() {
  try {
    const told = await ask(`/runs?since=${version}&count=${rows.size}`);
    lastContact = Date.now();
    version = told.version;
    for (const row of told.rows) {
      rows.set(row.id, row);
      stale.add(row.id);
    }
    const there = told.ids && new Set(told.ids);
    const gone = there ? [...rows.keys()].filter((id) => !there.has(id)) : [];
    for (const id of gone) {
      rows.delete(id);
      chosen.delete(id);
    }
    if (told.rows.length + gone.length > 0 || !poll.shown) await show();
    poll.shown = true;
  } catch {
    // Told by the status once it lasts.
  }
  drawStatus();
  setTimeout(() => void poll(), POLL_MS);
}

options($('x'), Object.entries(X), 'step');
options($('y'), Object.entries(Y), 'testAccuracy');
$('controls').addEventListener('input', () => void show());
$('controls').addEventListener('submit', (event) => event.preventDefault());
let scrolling = false;
$('table').addEventListener('scroll', () => {
  if (scrolling) return;
  scrolling = true;
  requestAnimationFrame(() => {
    scrolling = false;
    drawRows();
  });
});

if (frozen) {
  for (const row of frozen.rows) rows.set(row.id, row);
  for (const curve of frozen.curves) curves.set(curve.id, curve);
  void show();
} else {
  $('freeze').append(element('a', { href: `/frozen.html?token=${token}`, textContent: 'freeze into one file' }));
  void poll();
}
