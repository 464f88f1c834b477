// Package wasm runs the page's programs in a browser: WebAssembly files with the
// components that the server rendered. Each program is a command below this package,
// so that a browser loads only the screens that it shows.
package wasm
