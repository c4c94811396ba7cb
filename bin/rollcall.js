#!/usr/bin/env node
// The installed program: refuses a Node.js that is too old in one line, before anything that could crash under it is
// loaded. Old syntax on purpose, so that an old Node.js can still read this file.
var version = process.version.replace('v', '').split('.');

if (Number(version[0]) < 24 || (Number(version[0]) === 24 && Number(version[1]) < 15)) {
  process.stderr.write('Rollcall needs Node.js 24.15 or newer; this is ' + process.version + '.\n');
  process.exitCode = 2;
} else {
  import('../dist/main.js').catch(function (error) {
    process.stderr.write((error && error.stack ? error.stack : String(error)) + '\n');
    process.exitCode = 1;
  });
}
