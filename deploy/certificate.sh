# Part of install.sh: gets the certificate that the settings name, unless it exists.

get_certificate() {
    [ ! -e "$(value CERTIFICATE)" ] || return 0
    case $(value CERTIFICATE) in
    /etc/letsencrypt/*) order_certificate ;;
    */self-signed.pem) sign_certificate ;;
    *) die "$settings: CERTIFICATE=$(value CERTIFICATE) does not exist" ;;
    esac
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
    local name answer=/etc/nginx/conf.d/yanling-acme.conf account=--register-unsafely-without-email
    name=$(value SERVER_NAME)
    say "certificate for $name from Let's Encrypt"
    [ -z "$email" ] || account=--email=$email
    trap 'rm -f '$answer EXIT
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
    trap - EXIT
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
