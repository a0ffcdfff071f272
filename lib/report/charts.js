/* Runs in the report's pages: puts the live chart in the place of its still picture, which stays when that fails. */
/* global document, vegaEmbed, Plotly */
for (const place of document.querySelectorAll('.chart')) {
  const spec = JSON.parse(document.getElementById(`${place.id}-spec`).textContent);
  // Written for the older version that front ends render; this one draws it as well and would only warn.
  if (place.dataset.kind === 'vega') delete spec.$schema;
  const live = document.createElement('div');
  const show = () => {
    const still = place.querySelector('img');
    if (still) live.setAttribute('aria-label', still.alt);
    live.setAttribute('role', 'img');
    place.replaceChildren(live);
    place.dataset.live = 'yes';
  };
  const keep = (error) => {
    live.remove();
    place.dataset.live = 'no';
    place.title = `The live chart could not be drawn: ${error.message}`;
  };
  live.className = 'live';
  if (place.dataset.kind === 'vega') {
    vegaEmbed(live, spec, {
      renderer: 'svg',
      mode: 'vega-lite',
      actions: { export: true, source: true, compiled: false, editor: false },
    }).then(show, keep);
  } else {
    // Plotly measures the place it draws into, so it must be in the page first.
    place.append(live);
    Plotly.newPlot(live, spec.data, spec.layout ?? {}, { responsive: true, displaylogo: false, ...spec.config }).then(
      show,
      keep,
    );
  }
}
