package command

import (
	"io"
	"os"
	"strings"
)

// isRecorded reports whether output goes to a file, a pipe or a journal rather than to a
// terminal, where it would be kept and read by others. A one-time sign-in link does not
// belong there.
func isRecorded(out io.Writer) bool {
	file, ok := out.(*os.File)
	if !ok {
		return false // within the process
	}
	info, err := file.Stat()
	return err != nil || info.Mode()&os.ModeCharDevice == 0
}

// shellQuote quotes a word for a shell, if it has to be.
func shellQuote(word string) string {
	if strings.IndexFunc(word, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+:@%,=", r)
	}) < 0 && word != "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
