// Package form is the form component of the page. The Add/Edit overlay and the
// dialogs for rotation, activation, API tokens and embedding sites use it, so
// that labels, hints, errors, the error summary, secrets, focus and the
// question about unsaved changes work the same everywhere.
//
// Form is the inputs and their problems. Dialog is a form in a modal dialog.
// Confirmation is a dialog that acts only after a name is typed.
package form
