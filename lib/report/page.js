/* Runs in the report's pages: one button opens and closes the code of all cells. */
/* global document */
const button = document.getElementById('show-code');
if (button) {
  button.hidden = false;
  button.addEventListener('click', () => {
    const open = button.textContent === 'Show all code';
    for (const code of document.querySelectorAll('details.code')) code.open = open;
    button.textContent = open ? 'Hide all code' : 'Show all code';
  });
}
