package doctor

import (
	"cmp"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"paycorcred/paycor/filemode"
	"paycorcred/paycor/health"
	"paycorcred/paycor/message"
)

const (
	// maxNamed is how many of many findings are named one by one.
	maxNamed = 20

	// Below lowSpace bytes, or twice the size of the database, there is a warning;
	// below noSpace, the server is not ready.
	lowSpace = 1 << 30
	noSpace  = 4 << 20

	// manyDescriptors and tooManyDescriptors are shares of the limit, in percent.
	manyDescriptors    = 80
	tooManyDescriptors = 95

	// A certificate is renewed a third of its lifetime before its end, at the latest two
	// weeks before.
	certificateNotice = 14 * 24 * time.Hour
)

// machine makes the checks that cost little: files, disk, process, certificate, and what
// the database says in a few rows.
func (d *Doctor) machine(ctx context.Context) []health.Finding {
	return join(ctx, d.access, d.space, d.descriptors, d.certificate, d.backup, d.auditStream, d.server, d.records)
}

// records makes the checks of a few rows of the database.
func (d *Doctor) records(ctx context.Context) []health.Finding {
	inspector, err := d.config.Open(ctx)
	if err != nil {
		return health.Failed("database", err, message.New("health.restore"))
	}
	defer inspector.Close()
	i := inspection{inspector, d.config.Clock, d.config.Server != nil}
	checks := []func(context.Context) []health.Finding{i.schema}
	if i.readable() {
		checks = append(checks, i.schedule)
	}
	return join(ctx, checks...)
}

// access checks that nobody else can read or change the files.
func (d *Doctor) access(context.Context) []health.Finding {
	type file struct {
		path   string
		others fs.FileMode // permissions that others must not have
	}
	var files []file
	if own := cmp.Or(d.config.Key, d.config.Database); own != "" {
		files = append(files, file{filepath.Dir(own), 0o022})
	}
	for _, secret := range []string{d.config.Database, d.config.Key} {
		if secret != "" {
			files = append(files, file{secret, 0o077})
		}
	}
	if files == nil {
		return nil
	}
	var found []health.Finding
	for _, file := range files {
		info, err := os.Stat(file.path)
		if err != nil {
			found = append(found, health.Failed("access", message.Wrapf(err, "health.access-unknown", file.path, err), message.New("health.key-restore"))...)
			continue
		}
		if mode := info.Mode().Perm(); filemode.OthersOfSecret(info, file.others) != 0 {
			found = append(found, problem("access", message.New("health.access-open", file.path, mode.String()),
				message.New("health.access-close", (mode &^ 0o077).String()[1:], file.path)))
		}
	}
	if found == nil {
		return health.Fine("access", "health.access-ok")
	}
	return found
}

// space checks that the disk has room to go on. A database server has a disk of its own.
func (d *Doctor) space(context.Context) []health.Finding {
	if d.config.Database == "" {
		return nil
	}
	if directory := filepath.Dir(d.config.Database); d.config.ReadOnly(directory) {
		return []health.Finding{problem("space", message.New("health.space-read-only", directory), message.New("health.space-mount"))}
	}
	free, ok := d.config.FreeSpace(filepath.Dir(d.config.Database))
	if !ok {
		return []health.Finding{warning("space", message.New("health.space-unknown"), message.New("health.space-look"))}
	}
	needed := uint64(lowSpace)
	if info, err := os.Stat(d.config.Database); err == nil {
		needed = max(needed, 2*uint64(info.Size()))
	}
	megabytes := int(free >> 20)
	switch {
	case free < noSpace:
		return []health.Finding{problem("space", message.New("health.space-none"), message.New("health.space-free"))}
	case free < needed:
		return []health.Finding{warning("space", message.New("health.space-low", megabytes), message.New("health.space-free"))}
	}
	return health.Fine("space", "health.space-ok", megabytes)
}

// descriptors checks that the server can open further files and connections.
func (d *Doctor) descriptors(context.Context) []health.Finding {
	if d.config.Descriptors == nil {
		return nil // no file tells which process is the server
	}
	used, limit := d.config.Descriptors(d.config.Database)
	if limit == 0 {
		return health.Fine("descriptors", "health.descriptors-none")
	}
	what, remedy := message.New("health.descriptors", int(used), int(limit)), message.New("health.descriptors-fix")
	switch {
	case used*100 >= limit*tooManyDescriptors:
		return []health.Finding{problem("descriptors", what, remedy)}
	case used*100 >= limit*manyDescriptors:
		return []health.Finding{warning("descriptors", what, remedy)}
	}
	return []health.Finding{{Check: "descriptors", Status: health.OK, Message: what}}
}

// certificate checks the certificate of the server's own TLS.
func (d *Doctor) certificate(context.Context) []health.Finding {
	if d.config.Certificate == nil {
		return nil
	}
	certificate, err := d.config.Certificate()
	if err != nil {
		return []health.Finding{problem("certificate", message.New("health.certificate-unusable", message.Of(err)), message.New("health.certificate-fix"))}
	}
	now, notAfter := d.config.Clock(), certificate.NotAfter
	notice := min(certificateNotice, notAfter.Sub(certificate.NotBefore)/3)
	end := notAfter.UTC().Format(time.RFC3339)
	switch {
	case !now.Before(notAfter):
		return []health.Finding{problem("certificate", message.New("health.certificate-expired", end), message.New("health.certificate-renew"))}
	case now.Before(certificate.NotBefore):
		return []health.Finding{problem("certificate", message.New("health.certificate-early", certificate.NotBefore.UTC().Format(time.RFC3339)), message.New("health.clock-fix"))}
	case d.config.CertificateName != "" && certificate.VerifyHostname(d.config.CertificateName) != nil:
		return []health.Finding{problem("certificate", message.New("health.certificate-name", d.config.CertificateName), message.New("health.certificate-fix"))}
	case now.Add(notice).After(notAfter):
		return []health.Finding{warning("certificate", message.New("health.certificate-soon", end), message.New("health.certificate-renew"))}
	}
	return health.Fine("certificate", "health.certificate-ok", end)
}
