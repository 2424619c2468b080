"""The manifests of deploy/kubernetes/ against the schemas of the API, and against the image. No
cluster runs them."""

import kubernetes_validate
import pytest
import yaml

from deploy.testing.service import ROOT
from model.photo import MAX_BYTES
from tests.deploy.image import CLIENTS, PROBES, only

FOLDER = ROOT / "deploy" / "kubernetes"
OLDEST, NEWEST = "1.30", "1.37"  # README.md names the oldest
# what operators add to the API has no schema here
ADDED = {"ScaledObject", "ServiceMonitor"}


def kustomize(folder):
    """The manifests that `kubectl apply -k` would send, but for namespace and image."""
    found = []
    for name in yaml.safe_load((folder / "kustomization.yaml").read_text())["resources"]:
        inside = folder / name
        found += kustomize(inside) if inside.is_dir() else [yaml.safe_load(inside.read_text())]
    return found


BASE = {each["kind"]: each for each in kustomize(FOLDER / "base")}
POD = BASE["Deployment"]["spec"]["template"]
(CONTAINER,) = POD["spec"]["containers"]
OVERLAYS = [FOLDER / "cpu", FOLDER / "queue"]
ALL = {each["kind"]: each for overlay in OVERLAYS for each in kustomize(overlay)}


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
def test_the_manifests_follow_the_schemas(version):
    """Strictly: an unknown field is an error."""
    assert ALL.keys() > ADDED
    for kind in ALL.keys() - ADDED:
        kubernetes_validate.validate(ALL[kind], version, strict=True)


def test_a_schema_notices_a_misspelt_field():
    wrong = {**BASE["Service"], "spec": {**BASE["Service"]["spec"], "selectors": {}}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, NEWEST, strict=True)


@pytest.mark.parametrize("folder", [FOLDER / "base", *OVERLAYS], ids=lambda folder: folder.name)
def test_each_file_is_in_the_kustomization(folder):
    named = yaml.safe_load((folder / "kustomization.yaml").read_text())["resources"]
    files = {file.name for file in folder.iterdir()} - {"kustomization.yaml"}
    assert {name for name in named if name != "../base"} == files


def test_all_select_the_same_pods():
    labels = POD["metadata"]["labels"]
    selectors = [BASE[kind]["spec"]["selector"]["matchLabels"]
                 for kind in ("Deployment", "PodDisruptionBudget")]  # fmt: skip
    selectors += [BASE["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"]]
    selectors += [BASE["Service"]["spec"]["selector"], BASE["Service"]["metadata"]["labels"]]
    selectors += [each["labelSelector"]["matchLabels"]
                  for each in POD["spec"]["topologySpreadConstraints"]]  # fmt: skip
    selectors.append(ALL["ServiceMonitor"]["spec"]["selector"]["matchLabels"])
    assert selectors == [labels] * len(selectors)
    for kind in ("HorizontalPodAutoscaler", "ScaledObject"):
        assert ALL[kind]["spec"]["scaleTargetRef"]["name"] == BASE["Deployment"]["metadata"]["name"]


def test_the_ports_are_the_image_s():
    ports = {port["name"]: port["containerPort"] for port in CONTAINER["ports"]}
    assert ports == {"http": CLIENTS, "probes": PROBES}
    assert only("EXPOSE").split() == [str(CLIENTS), str(PROBES)]
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert CONTAINER[probe]["httpGet"]["port"] == "probes"
    assert {port["targetPort"] for port in BASE["Service"]["spec"]["ports"]} == ports.keys()


def test_a_pod_keeps_to_the_restricted_profile_and_writes_only_to_memory():
    labels = BASE["Namespace"]["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    pod, container = POD["spec"]["securityContext"], CONTAINER["securityContext"]
    assert f"{pod['runAsUser']}:{pod['runAsGroup']}" == only("USER")
    assert pod["runAsNonRoot"]
    assert pod["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert [volume["emptyDir"]["medium"] for volume in POD["spec"]["volumes"]] == ["Memory"]
    assert not POD["spec"]["automountServiceAccountToken"]


def test_the_service_s_own_variables_do_not_stop_the_start():
    """Kubernetes would set YANLING_SERVICE_HOST, which app/settings.py does not know."""
    assert POD["spec"]["enableServiceLinks"] is False


def test_nothing_is_let_out_and_metrics_only_to_prometheus():
    policy = BASE["NetworkPolicy"]["spec"]
    assert policy["policyTypes"] == ["Ingress", "Egress"]
    assert "egress" not in policy
    (rule,) = [rule for rule in policy["ingress"] if {"port": "probes"} in rule["ports"]]
    assert rule["from"][0]["namespaceSelector"]["matchLabels"]


def test_the_ingress_takes_a_whole_photo_and_keeps_it_in_memory():
    notes = BASE["Ingress"]["metadata"]["annotations"]
    most = notes["nginx.org/client-max-body-size"]
    assert notes["nginx.org/client-body-buffer-size"] == most
    assert MAX_BYTES < int(most.removesuffix("k")) * 1024 < 1.1 * MAX_BYTES
    assert "name" in BASE["Ingress"]["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]
