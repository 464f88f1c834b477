package credentials

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"strings"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/store"
)

// Create implements api.Service.
func (s editor) Create(ctx context.Context, draft paycor.Draft, options paycor.CreateOptions) (paycor.Saved, error) {
	if err := s.may(ctx, paycor.RightEdit, audit.ActionCreate, ""); err != nil {
		return paycor.Saved{}, err
	}
	if s.caller.OnlyListed() {
		return paycor.Saved{}, s.config.Authorizer.Deny(ctx, s.caller, audit.ActionCreate, "outside_allow_list", paycor.Errorf(paycor.KindForbidden, "error.add-listed"))
	}
	request, rules := s.fingerprint("idempotency", draft.Clean()), paycor.Rules{}
	if options.ApplicationID != "" {
		request = s.fingerprint("idempotency of "+options.ApplicationID, draft.Clean())
		earlier, err := s.earlier(ctx, request, options)
		if !errors.Is(err, store.ErrNotFound) {
			return earlier, err
		}
		if draft, err = s.fromApplication(ctx, audit.ActionCreate, options.ApplicationID, draft); err != nil {
			return paycor.Saved{}, err
		}
		rules.StoredEnvironment = draft.Environment
	}
	draft = draft.Clean()
	report, err := s.check(draft, rules)
	if err != nil {
		return paycor.Saved{}, err
	}
	now := s.now()
	credential, err := paycor.Credential{
		ID: "cred_" + newID(now), HasClientSecret: true, HasSubscriptionKey: true,
		ClientSecretSavedAt: now, SubscriptionKeySavedAt: now,
		State: paycor.StateNotVerified, CreatedAt: now, UpdatedAt: now, Version: 1,
	}.WithDraft(draft)
	if err != nil {
		return paycor.Saved{}, err
	}
	verdict, known := s.cachedVerdict("", draft, options.SkipVerify)
	if known {
		credential = credential.WithVerdict(verdict)
	}
	created, err := s.insert(ctx, credential, draft, request, options)
	if created.replayed {
		if err := s.may(ctx, paycor.RightEdit, audit.ActionCreate, created.credential.ID); err != nil {
			return paycor.Saved{}, err
		}
	}
	if err != nil {
		return paycor.Saved{}, err
	}
	if !created.replayed {
		s.publishAll(s.caller.Workspace, created.credential.ID, created.affected, audit.ActionCreate)
		if known {
			s.probeAccessLater(created.credential, draft)
		} else if s.recentOutage("", draft) && !options.SkipVerify {
			s.verifySavedLater(created.credential, draft, blockingWarnings(report, options.AcceptWarnings))
		} else if !options.SkipVerify {
			created.credential = s.verifySaved(ctx, created.credential, draft, blockingWarnings(report, options.AcceptWarnings), options.Progress)
		}
	}
	return savedWith(created.credential, report.Warnings, created.duplicates), nil
}

// newID returns an ID without its prefix: the time first, so that new credentials
// are adjacent in the database and a save touches fewer pages, then 80 random
// bits, so that an ID cannot be guessed.
func newID(now time.Time) string {
	id := binary.BigEndian.AppendUint64(nil, uint64(now.UnixMilli())<<16)[:6]
	id = append(id, make([]byte, 10)...)
	_, _ = rand.Read(id[6:]) // never fails
	return strings.ToLower(base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString(id))
}
