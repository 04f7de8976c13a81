#!/bin/sh
# Installs the templates, the pipeline and, with DASHBOARDS_URL, the dashboards. Running it again renews them.
#
#   OPENSEARCH_URL=http://127.0.0.1:9200 DASHBOARDS_URL=http://127.0.0.1:5601 ./install.sh
#
# OPENSEARCH_AUTH, where needed, is an Authorization header: "Basic ...".
set -eu
cd "$(dirname "$0")"
: "${OPENSEARCH_URL:?such as http://127.0.0.1:9200}"

send() { # method, url, file
  curl --fail-with-body --silent --show-error --output /dev/null -X "$1" "$2" \
    -H 'content-type: application/json' ${OPENSEARCH_AUTH:+-H "authorization: $OPENSEARCH_AUTH"} --data-binary "@$3"
  echo "ok  $2"
}

send PUT "$OPENSEARCH_URL/_ingest/pipeline/detrails-cloudtrail" ingest-pipeline.json
send PUT "$OPENSEARCH_URL/_component_template/detrails-fields" component-fields.json
send PUT "$OPENSEARCH_URL/_component_template/detrails-record" component-record.json
send PUT "$OPENSEARCH_URL/_index_template/detrails-cloudtrail" index-template.json
# The policy can be written once only; a change needs its sequence number. What is there already is kept.
send PUT "$OPENSEARCH_URL/_plugins/_ism/policies/detrails-cloudtrail" ism-policy.json || echo 'kept the state policy that is there'

if [ -n "${DASHBOARDS_URL:-}" ]; then
  for file in dashboards.ndjson detections.ndjson; do
    curl --fail-with-body --silent --show-error -X POST "$DASHBOARDS_URL/api/saved_objects/_import?overwrite=true" \
      -H 'osd-xsrf: true' ${OPENSEARCH_AUTH:+-H "authorization: $OPENSEARCH_AUTH"} -F "file=@$file" |
      grep -q '"success":true' || { echo "OpenSearch Dashboards refused $file" >&2; exit 1; }
    echo "ok  $file"
  done
fi
