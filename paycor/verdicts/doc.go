// Package verdicts describes the result of a verification: the outcome, the fields to
// blame, the code, the steps and what the credential can read. A verdict carries
// sentences as keys and arguments; package locale has the text.
package verdicts
