package backup

import (
	"context"
	"time"
)

// Attempt makes one backup now.
func (b *Backups) Attempt(ctx context.Context) { b.attempt(ctx) }

// Wait returns how long Run waits for the next backup.
func (b *Backups) Wait() time.Duration { return b.wait() }

// CheckAge logs whether backups are behind.
func (b *Backups) CheckAge(ctx context.Context) { b.checkAge(ctx) }
