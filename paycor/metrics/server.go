package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"paycorcred/paycor/consumer"
	"paycorcred/paycor/health"
	"paycorcred/paycor/notification"
	"paycorcred/paycor/store"
)

// Server has the figures of a server that are read at each scrape, so they must be at
// hand. What is nil or unknown is left out.
type Server struct {
	Inventory   func() *store.Inventory // what is stored, as it was a minute ago at most; nil if it was not counted yet
	Findings    func() []health.Finding // the latest ones
	Sizes       func() Sizes
	Backup      func() (last time.Time, every time.Duration) // newest verified one, and the interval; 0 without a schedule
	AuditStream func() (waiting int64, since time.Time)      // entries of the audit trail that wait to be sent elsewhere, and when the oldest was written
	Certificate func() (expires time.Time, ok bool)          // of the server's own TLS
	Streams     func() int                                   // open event streams
	Replicas    func() int                                   // servers on the database, this one included
}

// Sizes are the sizes of the database and its write-ahead log in bytes, and the space that
// is left on the disk of the data. Each may be Unknown.
type Sizes struct{ Database, WAL, Free float64 }

// Unknown is a size that is not known, or is that of another machine.
const Unknown = -1

// serverCollector collects the figures of a server.
type serverCollector struct {
	Server
	label func(environment string) string
}

// The descriptions of the figures.
var (
	credentialsFigure  = figure("credentials", "Saved credentials.", "environment", "state")
	attentionFigure    = figure("credentials_needing_attention", "Credentials that are rejected, not activated or not reachable, that can read nothing, or whose secrets are to be replaced within 14 days.")
	rotationsFigure    = figure("rotations", "Applications by how near the date is to replace their secrets: overdue, soon (within 14 days) or later.", "due")
	tokensFigure       = figure("api_tokens", "API tokens by state.", "state")
	tokensEndingFigure = figure("api_tokens_ending", "Active API tokens that expire within 14 days.")
	sessionsFigure     = figure("sessions", "Sign-ins that have not reached their absolute end.")
	streamsFigure      = figure("event_streams", "Open event streams of pages.")
	replicasFigure     = figure("replicas", "Servers that use the database. Absent with SQLite.")
	channelsFigure     = figure("notification_channels", "Notification channels by state: working, failing since their last success, given_up after that, or disabled by an administrator.", "state")
	auditFigure        = figure("audit_entries", "Audit entries in the database.")
	unsentFigure       = figure("audit_stream_waiting_entries", "Audit entries that the receiver of --audit-stream has not taken yet. Absent without one.")
	unsentAgeFigure    = figure("audit_stream_lag_seconds", "Age of the oldest of those entries, or 0. Absent without a receiver.")
	databaseFigure     = figure("database_bytes", "Size of the database.")
	walFigure          = figure("wal_bytes", "Size of the database's write-ahead log. Absent with PostgreSQL.")
	freeFigure         = figure("free_disk_bytes", "Space that is left on the disk of the data. Absent with PostgreSQL.")
	backupFigure       = figure("backup_last_success_timestamp_seconds", "When the newest verified backup was made; 0 without one. Absent without scheduled backups.")
	intervalFigure     = figure("backup_interval_seconds", "Interval of scheduled backups. Absent without them.")
	certificateFigure  = figure("certificate_expiry_timestamp_seconds", "When the TLS certificate expires. Absent without TLS of the server's own.")
	findingsFigure     = figure("doctor_findings", "Findings of the server's checks of itself.", "check", "status")
)

func figure(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("paycorcred_"+name, help, labels, nil)
}

// Describe implements prometheus.Collector.
func (s serverCollector) Describe(descriptions chan<- *prometheus.Desc) {
	for _, description := range []*prometheus.Desc{
		credentialsFigure, attentionFigure, rotationsFigure, tokensFigure, tokensEndingFigure, sessionsFigure, streamsFigure, replicasFigure, auditFigure, channelsFigure, unsentFigure, unsentAgeFigure,
		databaseFigure, walFigure, freeFigure, backupFigure, intervalFigure, certificateFigure, findingsFigure,
	} {
		descriptions <- description
	}
}

// Collect implements prometheus.Collector.
func (s serverCollector) Collect(collected chan<- prometheus.Metric) {
	gauge := func(description *prometheus.Desc, value float64, labels ...string) {
		collected <- prometheus.MustNewConstMetric(description, prometheus.GaugeValue, value, labels...)
	}
	if s.Inventory != nil {
		if counted := s.Inventory(); counted != nil {
			s.collectInventory(*counted, gauge)
		}
	}
	if s.Streams != nil {
		gauge(streamsFigure, float64(s.Streams()))
	}
	if s.Replicas != nil {
		gauge(replicasFigure, float64(s.Replicas()))
	}
	if s.Sizes != nil {
		sizes := s.Sizes()
		for figure, size := range map[*prometheus.Desc]float64{databaseFigure: sizes.Database, walFigure: sizes.WAL, freeFigure: sizes.Free} {
			if size != Unknown {
				gauge(figure, size)
			}
		}
	}
	if s.Backup != nil {
		if last, every := s.Backup(); every > 0 {
			gauge(intervalFigure, every.Seconds())
			gauge(backupFigure, seconds(last))
		}
	}
	if s.AuditStream != nil {
		waiting, since := s.AuditStream()
		lag := 0.0
		if waiting > 0 {
			lag = max(time.Since(since).Seconds(), 0)
		}
		gauge(unsentFigure, float64(waiting))
		gauge(unsentAgeFigure, lag)
	}
	if s.Certificate != nil {
		if expires, ok := s.Certificate(); ok {
			gauge(certificateFigure, seconds(expires))
		}
	}
	if s.Findings != nil {
		found := map[[2]string]int{}
		for _, finding := range s.Findings() {
			found[[2]string{finding.Check, string(finding.Status)}]++
		}
		for labels, n := range found {
			gauge(findingsFigure, float64(n), labels[0], labels[1])
		}
	}
}

func (s serverCollector) collectInventory(counted store.Inventory, gauge func(*prometheus.Desc, float64, ...string)) {
	credentials := map[store.CredentialGroup]int{} // several environments may be "other"
	for group, n := range counted.Credentials {
		credentials[store.CredentialGroup{Environment: s.label(group.Environment), State: group.State}] += n
	}
	for group, n := range credentials {
		gauge(credentialsFigure, float64(n), group.Environment, string(group.State))
	}
	gauge(attentionFigure, float64(counted.NeedAttention))
	for _, due := range []store.RotationDue{store.RotationOverdue, store.RotationSoon, store.RotationLater} {
		gauge(rotationsFigure, float64(counted.Rotations[due]), string(due))
	}
	for _, state := range []consumer.State{consumer.Active, consumer.Expired, consumer.Revoked} {
		gauge(tokensFigure, float64(counted.APITokens[state]), string(state))
	}
	gauge(tokensEndingFigure, float64(counted.TokensEnding))
	gauge(sessionsFigure, float64(counted.Sessions))
	gauge(auditFigure, float64(counted.AuditEntries))
	for _, state := range []notification.ChannelState{notification.ChannelWorking, notification.ChannelFailing, notification.ChannelGivenUp, notification.ChannelDisabled} {
		gauge(channelsFigure, float64(counted.Channels[state]), string(state))
	}
}

// seconds returns a time as Prometheus writes it; 0 for the zero time.
func seconds(at time.Time) float64 {
	if at.IsZero() {
		return 0
	}
	return float64(at.UnixMilli()) / 1000
}
