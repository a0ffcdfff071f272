/* Runs in the report's pages: puts the live chart in the place of its still picture, which stays when that fails. */
/* global document, d3, vega, vegaEmbed, Plotly */

/** Below this width panels stand one under the other, each as wide as the place has room for beside its axis. */
const NARROW = 640;
const AXIS = 90;

/** What a panel beside others needs beside its own width: axis and gap. */
const BESIDE = 84;
/** No panel grows beyond this factor. */
const GROWTH = 1.6;

/** The width of a panel, or of panels one under the other; undefined where it goes by steps. */
const widthOf = (part) => {
  const width = part.vconcat ? widthOf(part.vconcat[0]) : part.width;
  return typeof width === 'number' ? width : undefined;
};

const timesWider = (part, factor) =>
  part.vconcat
    ? { ...part, vconcat: part.vconcat.map((each) => timesWider(each, factor)) }
    : { ...part, width: Math.floor(part.width * factor) };

/** Panels beside one another as wide as the place allows: they are made for the column of a notebook. */
function widened(spec, width) {
  if (spec.vconcat) return { ...spec, vconcat: spec.vconcat.map((part) => widened(part, width)) };
  const widths = spec.hconcat?.map(widthOf) ?? [];
  if (widths.length < 2 || widths.includes(undefined)) return spec;
  const sum = widths.reduce((all, each) => all + each, 0);
  const factor = Math.min(GROWTH, (width - widths.length * BESIDE) / sum);
  return factor > 1 ? { ...spec, hconcat: spec.hconcat.map((part) => timesWider(part, factor)) } : spec;
}

/** A vega-lite specification for a place of `width` pixels: panels in a column where the place is narrow, wider where it is wide. */
function fitted(spec, width) {
  if (width === 0) return spec;
  if (width >= NARROW) return widened(spec, width);
  const inner = Math.max(160, width - AXIS);
  const narrow = (part) => {
    const { hconcat, ...rest } = part;
    const panels = (hconcat ?? part.vconcat ?? part.concat)?.map(narrow);
    if (panels === undefined)
      return { ...rest, ...(part.width !== undefined && { width: Math.min(part.width, inner) }) };
    if (part.concat) return { ...rest, columns: 1, concat: panels };
    return { ...rest, vconcat: panels };
  };
  return narrow(spec);
}

/** Rows of a table without d3-dsv's functions made from text, which the page's policy forbids. */
const readRows = (parse) => (text) => {
  const [columns = [], ...rows] = parse(text);
  return rows.map((row) => Object.fromEntries(columns.map((column, i) => [column, row[i]])));
};

function drawVega(live, spec, width) {
  vega.formats('csv', readRows(d3.csvParseRows));
  vega.formats('tsv', readRows(d3.tsvParseRows));
  // Written for the older version that front ends render; this one draws it as well and would only warn.
  delete spec.$schema;
  // May hold options of the embedding, which are the page's to choose.
  delete spec.usermeta;
  // `ast`: expressions are interpreted, not made into functions.
  const options = { renderer: 'svg', mode: 'vega-lite', actions: false, ast: true };
  return vegaEmbed(live, fitted(spec, width), options);
}

const drawPlotly = (live, spec) =>
  Plotly.newPlot(live, spec.data, spec.layout ?? {}, {
    responsive: true,
    displaylogo: false,
    ...spec.config,
    // A report sends nothing anywhere.
    showSendToCloud: false,
    plotlyServerURL: '',
  });

/** Draws `spec` into `place`, in the place of what stands there. */
async function drawChart(place, spec) {
  const live = document.createElement('div');
  live.className = 'live';
  try {
    if (place.dataset.kind === 'vega') await drawVega(live, spec, place.clientWidth);
    else {
      // Plotly measures the place it draws into, so it must be in the page first.
      place.append(live);
      await drawPlotly(live, spec);
    }
    // The text stays for those who do not see the chart; the live chart itself can be operated, so it is no picture.
    const text = document.createElement('p');
    text.className = 'for-readers';
    text.textContent = place.dataset.alt ?? '';
    place.replaceChildren(live, text);
    place.dataset.live = 'yes';
  } catch (error) {
    live.remove();
    place.dataset.live = 'no';
    place.title = `The live chart could not be drawn: ${error.message}`;
  }
}

// In a document that brings its specifications packed, another script unpacks and draws them.
for (const place of document.querySelectorAll('.chart[data-kind]')) {
  const own = document.getElementById(`${place.id}-spec`);
  if (own) void drawChart(place, JSON.parse(own.textContent));
}
