package sqlite

import (
	"context"
	"errors"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/groupcommit"
	"paycorcred/paycor/store/records"
)

// readers holds the free connections of a kind; nil for one that has not been opened
// yet.
type readers chan *connection

func newReaders(count int) readers {
	free := make(readers, count)
	for range count {
		free <- nil
	}
	return free
}

// close waits for all of them to be free and closes them.
func (r readers) close() error {
	var errs []error
	for range cap(r) {
		if reader := <-r; reader != nil {
			errs = append(errs, reader.close())
		}
	}
	return errors.Join(errs...)
}

// View runs read on one consistent snapshot.
func (s *DB) View(ctx context.Context, read func(store.Reader) error) error {
	return s.view(ctx, s.readers, read)
}

// List runs read on one consistent snapshot when it is the caller's turn.
func (s *DB) List(ctx context.Context, caller paycor.Caller, read func(store.Reader) error) error {
	release, err := s.turns.Acquire(ctx, caller)
	if err != nil {
		return err
	}
	defer release()
	return s.view(ctx, s.lists, read)
}

func (s *DB) view(ctx context.Context, from readers, read func(store.Reader) error) (err error) {
	reader, err := s.acquireReader(ctx, from)
	if err != nil {
		return err
	}
	defer func() { from <- reader }()
	// A context that can be canceled costs a goroutine for each statement, and this one
	// does not wait.
	if _, err := reader.Exec(context.WithoutCancel(ctx), "BEGIN"); err != nil {
		return err
	}
	t := records.NewView(ctx, reader, s.records())
	defer func() {
		t.End()
		// The caller's context may be canceled; the transaction must end
		// anyway.
		_, endErr := reader.Exec(context.Background(), "ROLLBACK")
		err = errors.Join(err, endErr)
	}()
	return read(t)
}

// acquireReader waits for a free connection.
func (s *DB) acquireReader(ctx context.Context, from readers) (*connection, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case <-s.closed:
		return nil, groupcommit.ErrClosed
	default:
	}
	select {
	case reader := <-from:
		if reader != nil {
			return reader, nil
		}
		reader, err := s.connect(ctx)
		if err != nil {
			from <- nil
		}
		return reader, err
	case <-s.closed:
		return nil, groupcommit.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
