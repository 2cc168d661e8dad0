"""Importer for Sourcefabric's Live Blog."""
