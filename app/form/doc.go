// Package form is the one form component of the page. The Add/Edit overlay and
// the dialogs for rotation, activation, API tokens and embedding sites are built
// from it, so that labels, hints, errors, the error summary, secrets, focus and
// the question about unsaved changes work the same everywhere.
//
// Form is the inputs and what is wrong with them. Dialog is a form in a modal
// dialog. Confirmation is a dialog that acts once a name is typed.
package form
