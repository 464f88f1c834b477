package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"paycorcred/app/locale"
)

// catalogues is the directory of the page's sentences, with one file per language.
const catalogues = "locale"

// writeCatalogues writes the sentences that the page's program loads.
func writeCatalogues(directory string) error {
	into := filepath.Join(directory, catalogues)
	if err := os.Mkdir(into, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	for _, c := range locale.Catalogues() {
		content, err := c.PageJSON()
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(into, c.Tag()+".json"), content, 0o644); err != nil {
			return err
		}
	}
	return nil
}
