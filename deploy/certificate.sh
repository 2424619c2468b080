# Part of install.sh: gets the certificate that the settings name, unless a good one exists.

# Says in one sentence why clients would refuse the certificate in file $1 with the key in file $2
# under the name $3; nothing when they would not.
find_fault() {
    local certificate=$1 key=$2 name=$3 names from
    [ -e "$certificate" ] || { echo "$certificate does not exist" && return; }
    [ -r "$certificate" ] || { echo "$certificate cannot be read" && return; }
    [ -r "$key" ] || { echo "the key $key cannot be read" && return; }
    # openssl x509 reads the first certificate only, pkcs7 the whole chain
    openssl x509 -in "$certificate" -noout 2>/dev/null &&
        openssl crl2pkcs7 -nocrl -certfile "$certificate" -out /dev/null 2>/dev/null ||
        { echo "$certificate is not a certificate with its chain in PEM" && return; }
    openssl pkey -in "$key" -passin pass: -noout 2>/dev/null ||
        { echo "$key is not a key in PEM without a passphrase" && return; }
    [ "$(openssl x509 -in "$certificate" -noout -pubkey)" = "$(openssl pkey -in "$key" -pubout)" ] ||
        { echo "$certificate belongs to another key than $key" && return; }
    names=$(openssl x509 -in "$certificate" -noout -ext subjectAltName 2>/dev/null | sed -n 's/^ *DNS:/DNS:/p')
    [[ -n $names && $(openssl x509 -in "$certificate" -noout -checkhost "$name") != *NOT* ]] ||
        { echo "$certificate is for ${names:-no name (subjectAltName)}, not for $name" && return; }
    openssl x509 -in "$certificate" -noout -checkend 0 >/dev/null ||
        { echo "$certificate expired on $(date_of -enddate "$certificate")" && return; }
    from=$(date_of -startdate "$certificate")
    [ "$(date -d "$from" +%s)" -le "$(date +%s)" ] || echo "$certificate is not valid before $from"
}

# The date that `openssl x509 $1` shows for the certificate in file $2.
date_of() { openssl x509 -in "$2" -noout "$1" | cut -d= -f2; }

# A certificate of the operator's own is looked at before the settings name it.
check_own_certificate() {
    local fault
    [ -z "$self_signed" ] && [ -n "$certificate" ] && command -v openssl >/dev/null || return 0
    fault=$(find_fault "$certificate" "$key" "${name:-$(value SERVER_NAME)}")
    [ -z "$fault" ] || die "--certificate: $fault"
}

get_certificate() {
    local file fault
    file=$(value CERTIFICATE)
    fault=$(find_fault "$file" "$(value CERTIFICATE_KEY)" "$(value SERVER_NAME)")
    [ -n "$fault" ] || return 0
    case $file in
    /etc/letsencrypt/*) order_certificate ;;
    */self-signed.pem) sign_certificate ;;
    esac
    fault=$(find_fault "$file" "$(value CERTIFICATE_KEY)" "$(value SERVER_NAME)")
    [ -z "$fault" ] || die "$settings: $fault; nothing was changed"
}

sign_certificate() {
    local name
    name=$(value SERVER_NAME)
    say "self-signed certificate for $name"
    mkdir -p "$(dirname "$(value CERTIFICATE)")"
    (umask 077 && openssl req -x509 -newkey rsa:2048 -nodes -days 365 -subj "/CN=$name" \
        -addext "subjectAltName=DNS:$name" \
        -keyout "$(value CERTIFICATE_KEY)" -out "$(value CERTIFICATE)" 2>/dev/null)
    chmod 644 "$(value CERTIFICATE)"
}

# Let's Encrypt sends its challenge to port 80. Our own server answers it, for renewals too. But it
# does not start without a certificate, so the first time a temporary server answers.
order_certificate() {
    local name account=--register-unsafely-without-email
    name=$(value SERVER_NAME)
    say "certificate for $name from Let's Encrypt"
    [ -z "$email" ] || account=--email=$email
    if [ ! -e /etc/nginx/conf.d/yanling.conf ]; then
        local filled
        filled=$(mktemp -d)
        python3 "$source/deploy/render.py" "$settings" "$filled"
        cp "$filled/nginx/acme.conf" "$answer"
        rm -r "$filled"
        web -t
        web -s reload
    fi
    certbot certonly --quiet --non-interactive --agree-tos "$account" --webroot -w /var/www/html \
        -d "$name" --deploy-hook "nginx -s reload" ||
        die "no certificate, see certbot's message above. $(explain_refusal "$name" /var/www/html)"
    rm -f "$answer"
}

# Why Let's Encrypt may not have found a file in the folder $2 under the name $1. If the name has an
# IPv6 address, that is where it asks first.
explain_refusal() {
    local name=$1 folder=$2/.well-known/acme-challenge family address record file found=''
    mkdir -p "$folder"
    file=$(mktemp "$folder/yanling-XXXXXX")
    chmod 644 "$file"
    echo yanling >"$file"
    for family in 4 6; do
        # where there is no IPv6 address, getent writes those of IPv4 as ::ffff:192.0.2.1
        address=$(getent "ahostsv$family" "$name" | awk '!/^::ffff:/ { print $1; exit }' || true)
        [ -n "$address" ] || continue
        found=yes record=A
        [ $family = 4 ] || record=AAAA
        [ "$(curl "-fsSL$family" -m 10 "http://$name/${file#"$2"/}" 2>/dev/null)" = yanling ] ||
            echo -n "Seen from here, $name does not lead to this host over IPv$family ($address):" \
                "correct or remove its DNS $record record, or open port 80 in the firewall. "
    done
    [ -n "$found" ] || echo "$name has no address: make a DNS A or AAAA record that points here."
    rm "$file"
}
