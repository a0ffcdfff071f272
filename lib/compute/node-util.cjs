/* tfjs-node 4.22 still calls these, which Node removed from node:util in version 23. */
const util = require('node:util');
util.isNullOrUndefined ??= (value) => value === null || value === undefined;
util.isArray ??= Array.isArray;
