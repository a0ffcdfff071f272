import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openFigure } from '../../lib/figures/index.ts';

test('a figure opens with its parts in the order of the paper, each with its plan, logs and panels', () => {
  const figure = openFigure('2', ['desk']);
  assert.deepEqual(
    figure.list.map(({ name, panels }) => [name, panels]),
    [
      ['FC', ['2a', '2b', '2c']],
      ['WRN', ['2d', '2e', '2f']],
    ],
  );
  const { FC, WRN } = figure.parts;
  assert.equal(FC.plan.name, 'fc-eta-lambda');
  assert.ok(FC.opened[0]!.runs.length > 100);
  assert.deepEqual(
    WRN.others.map(({ plan }) => plan.name),
    ['wrn-eta-lambda-4096'],
  );
});

test('it tells of every sweep once: what is there, what differs from the paper, and the command for the rest', () => {
  const figure = openFigure('S11', ['desk']);
  assert.deepEqual(Object.keys(figure.logs), [
    'fc-autol2',
    'fc-eta-lambda',
    'cnn-autol2',
    'cnn-lambda',
    'cnn-bn-lambda',
  ]);
  const { text } = figure.logsThere();
  for (const name of Object.keys(figure.logs)) assert.equal(text.split(`**${name}, preset desk:`).length, 2, name);
  const settings = figure.settings().text;
  assert.equal(settings.split('| preset paper |').length - 1, 5);
});

test('a preset without logs is told by its command, and the figure opens all the same', () => {
  const { opened } = openFigure('S8', ['paper']).parts['ResNet-50'];
  assert.equal(opened[0]!.runs.length, 0);
  assert.match(
    openFigure('S8', ['paper']).logsThere().text,
    /0 of \d+ runs are there.*npm run train -- resnet-eta-lambda --preset paper/,
  );
});

test('its conclusion is that of its claim, and where a claim needs more than logs it says so', () => {
  const { verdict, parts } = openFigure('S7', ['desk']).conclusion;
  assert.ok(parts.length > 0);
  assert.match(verdict, /shown|tested/);
  assert.throws(() => openFigure('5', ['desk']).conclusion, /the claims of 5 need more than its logs/);
});
