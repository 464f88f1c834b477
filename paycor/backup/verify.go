package backup

import (
	"context"
	"errors"

	"paycorcred/paycor/message"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/sqlite"
)

// verify checks that a server could be restored from a copy of a database: that the file is
// undamaged, its audit trail is complete, and every sealed value can be decrypted with the
// key of the original. It returns the ID of the key that the copy needs, as far as it can be
// read.
func verify(ctx context.Context, path string, original sqlite.Config) (key string, err error) {
	original.Path = path
	inspector, err := sqlite.OpenInspector(ctx, original)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, inspector.Close()) }()
	key, _ = inspector.WrappedBy(ctx)
	return key, examine(ctx, path, inspector)
}

func examine(ctx context.Context, path string, inspector store.Inspector) error {
	if found, own := inspector.Schema(); found != own {
		return &store.SchemaError{Database: path, Found: found, Own: own}
	}
	if err := inspector.Integrity(ctx); err != nil {
		return err
	}
	if _, err := inspector.Check(ctx); err != nil {
		return err
	}
	if err := inspector.OpenKey(ctx); err != nil {
		return err
	}
	altered, err := inspector.AlteredRecords(ctx)
	if err != nil {
		return err
	}
	if len(altered) > 0 {
		return message.Errorf("backup.altered", len(altered))
	}
	unopened, all, err := inspector.UnopenedSecrets(ctx)
	if err != nil {
		return err
	}
	if len(unopened) > 0 {
		return message.Errorf("backup.unopened", len(unopened), all)
	}
	return nil
}
