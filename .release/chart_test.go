package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/lint"
	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	policies "k8s.io/api/policy/v1"
	"sigs.k8s.io/yaml"
)

// required are values without which the chart cannot be installed.
const required = `
publicURL: https://creds.example.com
oidc: {issuer: "https://login.example.com", clientID: paycorcred, map: ["groups=payroll-admins:view,use,edit,admin"]}
`

// everything sets every value.
const everything = required + `
tls: {secretName: creds-tls}
trustedProxies: [10.42.0.0/16, "fd00::/8"]
extraArgs: [--verify-every=12h]
env: [{name: HTTPS_PROXY, value: "http://proxy.example.com:3128"}]
image: {repository: registry.example.com/paycorcred, tag: "9", pullPolicy: Always}
imagePullSecrets: [{name: registry}]
persistence: {size: 20Gi, storageClass: fast}
database: postgres
postgres: {url: {name: creds-database, key: address}, port: 6432}
replicas: 3
encryptionKey: {name: creds-key}
service: {type: LoadBalancer, port: 8443}
ingress: {enabled: true, className: nginx, annotations: {a: b}, tlsSecretName: ingress-tls}
networkPolicy: {from: [{podSelector: {matchLabels: {app: ingress}}}], egressPorts: [443, 3128]}
serviceMonitor: {enabled: true, interval: 1m, labels: {release: prometheus}, token: {name: metrics, key: token}}
resources: {limits: {memory: 1Gi}}
nodeSelector: {disk: ssd}
tolerations: [{key: a, operator: Exists}]
affinity: {nodeAffinity: {}}
podAnnotations: {a: b}
`

func loadChart(t *testing.T) *chart.Chart {
	t.Helper()
	r := releaseOf(t)
	loaded, err := loader.LoadFile(filepath.Join(r.out, "paycorcred-chart-"+r.version+".tgz"))
	require.NoError(t, err)
	return loaded
}

// render returns the manifests of the released chart by kind.
func render(t *testing.T, values string) (map[string]string, error) {
	t.Helper()
	set, err := chartutil.ReadValues([]byte(values))
	require.NoError(t, err)
	loaded := loadChart(t)
	all, err := chartutil.ToRenderValues(loaded, set, chartutil.ReleaseOptions{Name: "creds", Namespace: "payroll", IsInstall: true}, nil)
	if err != nil {
		return nil, err
	}
	files, err := engine.Render(loaded, all)
	if err != nil {
		return nil, err
	}
	manifests := map[string]string{}
	for name, text := range files {
		var object struct{ Kind string }
		if !strings.HasSuffix(name, ".yaml") || strings.TrimSpace(text) == "" {
			continue
		}
		require.NoError(t, yaml.Unmarshal([]byte(text), &object), name)
		manifests[object.Kind] = text
	}
	return manifests, nil
}

// decode reads a manifest as the API server would with strict validation.
func decode[T any](t *testing.T, manifest string) (object T) {
	t.Helper()
	require.NotEmpty(t, manifest)
	require.NoError(t, yaml.UnmarshalStrict([]byte(manifest), &object), manifest)
	return object
}

func TestTheChartWithAKeyInAKMS(t *testing.T) {
	manifests, err := render(t, required+`
tls: {secretName: creds-tls}
database: postgres
postgres: {url: {name: creds-database}}
replicas: 3
kek: {url: "vault-transit://vault.example.com:8200/transit/creds", token: {name: creds-vault}}
serviceAccountName: creds
`)
	require.NoError(t, err)
	pod := decode[apps.StatefulSet](t, manifests["StatefulSet"]).Spec.Template.Spec
	assert.Equal(t, "creds", pod.ServiceAccountName)
	arguments := strings.Join(pod.Containers[0].Args, " ")
	assert.Contains(t, arguments, "--kek=vault-transit://vault.example.com:8200/transit/creds")
	assert.Contains(t, arguments, "--kek-token-file=/etc/paycorcred/kek/token")
	assert.NotContains(t, arguments, "--key-file")
	secrets := map[string]string{}
	for _, volume := range pod.Volumes {
		if volume.Secret != nil {
			secrets[volume.Name] = volume.Secret.SecretName
		}
	}
	assert.Equal(t, "creds-vault", secrets["kek"])
	assert.NotContains(t, manifests, "PersistentVolumeClaim")
	assert.Empty(t, decode[apps.StatefulSet](t, manifests["StatefulSet"]).Spec.VolumeClaimTemplates, "nothing has to be kept")
}

func TestTheChartIsWithoutLint(t *testing.T) {
	loaded := loadChart(t)
	assert.Equal(t, "1.2.3-test", loaded.Metadata.Version)
	assert.Equal(t, "1.2.3-test", loaded.Metadata.AppVersion)
	directory := t.TempDir()
	require.NoError(t, chartutil.SaveDir(loaded, directory))
	for _, values := range []string{required + "tls: {secretName: creds-tls}", everything} {
		set, err := chartutil.ReadValues([]byte(values))
		require.NoError(t, err)
		for _, message := range lint.All(filepath.Join(directory, "paycorcred"), set, "payroll", true).Messages {
			assert.Contains(t, message.Error(), "icon is recommended")
		}
	}
}

func TestTheChartInstallsAConfinedServer(t *testing.T) {
	for name, values := range map[string]string{
		"TLS of its own": required + "tls: {secretName: creds-tls}", "behind an ingress": required + "trustedProxies: [10.42.0.0/16]", "everything": everything,
	} {
		t.Run(name, func(t *testing.T) {
			manifests, err := render(t, values)
			require.NoError(t, err)
			set := decode[apps.StatefulSet](t, manifests["StatefulSet"])
			service := decode[core.Service](t, manifests["Service"])
			policy := decode[networking.NetworkPolicy](t, manifests["NetworkPolicy"])

			pod := set.Spec.Template.Spec
			assert.Equal(t, service.Name, set.Spec.ServiceName)
			assert.Subset(t, set.Spec.Template.Labels, service.Spec.Selector)
			assert.Equal(t, set.Spec.Selector.MatchLabels, policy.Spec.PodSelector.MatchLabels)
			assert.False(t, *pod.AutomountServiceAccountToken)
			assert.True(t, *pod.SecurityContext.RunAsNonRoot)
			assert.EqualValues(t, user, *pod.SecurityContext.RunAsUser)
			assert.EqualValues(t, user, *pod.SecurityContext.FSGroup)
			assert.Equal(t, core.SeccompProfileTypeRuntimeDefault, pod.SecurityContext.SeccompProfile.Type)
			server := pod.Containers[0]
			assert.True(t, *server.SecurityContext.ReadOnlyRootFilesystem)
			assert.False(t, *server.SecurityContext.AllowPrivilegeEscalation)
			assert.Equal(t, []core.Capability{"ALL"}, server.SecurityContext.Capabilities.Drop)

			hasTLS := slices.Contains(server.Args, "--tls-cert=/etc/paycorcred/tls/tls.crt")
			scheme := core.URISchemeHTTP
			if hasTLS {
				scheme = core.URISchemeHTTPS
			}
			for _, probe := range []*core.Probe{server.StartupProbe, server.ReadinessProbe, server.LivenessProbe} {
				assert.Equal(t, scheme, probe.HTTPGet.Scheme)
			}
			assert.Equal(t, hasTLS, slices.ContainsFunc(pod.Volumes, func(v core.Volume) bool { return v.Name == "tls" }))
			onServer := slices.Contains(server.Args, "--database-file=/etc/paycorcred/database/address")
			assert.Equal(t, onServer, slices.ContainsFunc(pod.Volumes, func(v core.Volume) bool { return v.Name == "database" }))
			assert.Equal(t, onServer, slices.ContainsFunc(policy.Spec.Egress, func(rule networking.NetworkPolicyEgressRule) bool {
				return len(rule.Ports) == 1 && rule.Ports[0].Port.IntValue() == 6432
			}))
			if name == "everything" { // nothing has to be kept, and the servers share a key
				assert.Empty(t, set.Spec.VolumeClaimTemplates)
				assert.True(t, slices.ContainsFunc(pod.Volumes, func(v core.Volume) bool { return v.Name == "data" && v.EmptyDir != nil }))
				assert.Contains(t, server.Args, "--key-file=/etc/paycorcred/key/paycorcred.key")
				assert.EqualValues(t, 3, *set.Spec.Replicas)
				budget := decode[policies.PodDisruptionBudget](t, manifests["PodDisruptionBudget"])
				assert.Equal(t, set.Spec.Selector.MatchLabels, budget.Spec.Selector.MatchLabels)
			} else {
				assert.Equal(t, "data", set.Spec.VolumeClaimTemplates[0].Name)
				assert.EqualValues(t, 1, *set.Spec.Replicas)
			}
		})
	}
}

func TestTheChartHasIngressAndServiceMonitorWhereTheyAreWanted(t *testing.T) {
	manifests, err := render(t, everything)
	require.NoError(t, err)
	ingress := decode[networking.Ingress](t, manifests["Ingress"])
	assert.Equal(t, "creds.example.com", ingress.Spec.Rules[0].Host)
	monitor := decode[monitoring.ServiceMonitor](t, manifests["ServiceMonitor"])
	assert.Equal(t, "creds.example.com", *monitor.Spec.Endpoints[0].TLSConfig.ServerName)

	manifests, err = render(t, required+"tls: {secretName: creds-tls}\nnetworkPolicy: {enabled: false}")
	require.NoError(t, err)
	assert.Len(t, manifests, 2, "only StatefulSet and Service")
}

// The server, not the chart, knows its flags.
func TestTheChartUsesFlagsOfTheServer(t *testing.T) {
	manifests, err := render(t, strings.Replace(everything, "map:", "clientSecret: {name: oidc}, map:", 1))
	require.NoError(t, err)
	help := output(t, programOf(t), "serve", "--help")
	server := decode[apps.StatefulSet](t, manifests["StatefulSet"]).Spec.Template.Spec.Containers[0]
	require.Len(t, server.Args, 14)
	for _, argument := range server.Args[1:] {
		name, _, _ := strings.Cut(argument, "=")
		assert.Contains(t, help, name+"=")
	}
}

func TestTheChartSaysWhatIsMissing(t *testing.T) {
	const withTLS = "\ntls: {secretName: creds-tls}"
	for values, want := range map[string]string{
		"":                                       "publicURL: set the address",
		"publicURL: https://creds.example.com":   "oidc: set issuer, clientID and map.",
		required:                                 "Set tls.secretName for TLS in the server, or trustedProxies",
		required + withTLS + "\ndatabase: mysql": "database: set it to sqlite or postgres",
		required + withTLS + "\ndatabase: postgres":                                            "postgres.url.name: set the name",
		required + withTLS + "\nreplicas: 2":                                                   "replicas: more than one need database: postgres",
		required + withTLS + "\nreplicas: 2\ndatabase: postgres\npostgres: {url: {name: a}}":   "encryptionKey.name",
		required + withTLS + "\nencryptionKey: {name: a}\nkek: {url: 'vault-transit://v/t/k'}": "kek.url",
		required + withTLS + "\nreplicas: 0":                                                   "replicas",
		required + withTLS + "\ningress: {enabled: true}":                                      "ingress.tlsSecretName: the ingress needs a certificate.",
		required + withTLS + "\nserviceMonitor: {enabled: true}":                               "serviceMonitor.token.name: set the name",
		strings.Replace(required, "https://creds", "http://creds", 1):                          "publicURL",
	} {
		_, err := render(t, values)
		assert.ErrorContains(t, err, want, values)
	}
}
